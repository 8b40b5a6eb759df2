"""A causal language model from a local folder, through transformers. torch is imported when one is loaded."""

from __future__ import annotations

import copy
import importlib.util
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from index.errors import ModelError
from index.locate import architectures
from rag.writing.model import Gate, Message, Run
from rag.writing.sentences import THINK

log = logging.getLogger("wence.writing")
Bits = Literal["auto", "16", "4"]
WAITING = 8
_QUANTISERS = ("bitsandbytes", "accelerate")


class TransformersModel:
    """One model in this process: greedy, one generation at a time, the others stand in line.

    Raises:
        ModelError: the folder holds no instruct model that can be read.
    """

    def __init__(
        self, folder: Path, context: int, waiting: int = WAITING, bits: Bits = "auto", name: str = ""
    ) -> None:
        self.name = f"transformers:{name or folder.resolve().name}"
        _see_that_it_can_be(folder)
        self._gate = Gate(1, waiting)
        try:
            self._load(folder, context, bits)
        except ModelError:
            raise
        except Exception as error:  # whatever a damaged folder makes a library raise
            raise ModelError(f"语言模型 {folder} 读不出来：{error}") from error
        if not self._tokenizer.chat_template:
            raise ModelError(f"{folder} 没有对话模板（chat_template）；请用对话版（Instruct、Chat）的模型。")

    def _load(self, folder: Path, context: int, bits: Bits) -> None:
        import transformers
        from transformers import AutoModelForCausalLM, AutoTokenizer

        logs: Any = transformers.utils.logging
        logs.disable_progress_bar()
        how = placed(sum(path.stat().st_size for path in _weights(folder)), bits)
        device = how.pop("device", None)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        loaded: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, **how)
        self._model: Any = loaded.eval()
        if device is not None:
            self._model = self._model.to(device)
        longest = getattr(self._model.config, "max_position_embeddings", None) or context
        self.context = min(context, longest)
        own = self._model.generation_config
        stops = own.eos_token_id if own.eos_token_id is not None else self._tokenizer.eos_token_id
        pad = self._tokenizer.pad_token_id
        first = stops[0] if isinstance(stops, list) else stops
        config: Any = transformers.GenerationConfig
        self._greedy = config(do_sample=False, eos_token_id=stops, pad_token_id=first if pad is None else pad)
        # what the model's makers recommend for sampling has no place in a greedy search
        self._model.generation_config = self._greedy
        log.info("%s on %s as %s", self.name, self._model.device, self._model.dtype)

    def tokens(self, text: str) -> int:
        """See `ChatModel`."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def stream(self, messages: Sequence[Message], most: int, run: Run) -> Iterator[str]:
        """See `ChatModel`."""
        with self._gate.turn(run) as entered:
            if entered:
                yield from self._generated(messages, most, run)

    def _generated(self, messages: Sequence[Message], most: int, run: Run) -> Iterator[str]:
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        inputs = self._tokenizer.apply_chat_template(
            [{"role": message.role, "content": message.content} for message in messages],
            add_generation_prompt=True,
            enable_thinking=False,
            return_dict=True,
            return_tensors="pt",
        ).to(self._model.device)
        length = inputs["input_ids"].shape[1]
        if length + most > self.context:
            raise ModelError(f"提问有 {length} 个词元，加上答复超过模型的 {self.context} 个")
        streamer: Any = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        greedy = copy.copy(self._greedy)
        greedy.max_new_tokens = most
        failed: list[Exception] = []

        def stopped(input_ids: Any, scores: Any, **_: Any) -> Any:
            import torch

            run.tokens = input_ids.shape[1] - length
            return torch.full((input_ids.shape[0],), run.over, device=input_ids.device)

        def generate() -> None:
            try:
                found = self._model.generate(
                    **inputs,
                    generation_config=greedy,
                    streamer=streamer,
                    stopping_criteria=StoppingCriteriaList([stopped]),
                )
                run.cut = found.shape[1] - length >= most
            except Exception as error:  # out of memory, a broken kernel: the reader must not wait for it
                failed.append(error)
                streamer.end()

        thread = threading.Thread(target=generate, name="wence-generate", daemon=True)
        thread.start()
        opened = self._tokenizer.decode(inputs["input_ids"][0, -8:]).rstrip()
        try:
            if opened.endswith(THINK):  # by the template; the model will close it
                yield THINK
            yield from streamer
        finally:
            run.stop.set()
            thread.join()
        if failed:
            log.error("generation failed", exc_info=failed[0])
            raise ModelError(f"模型生成时出错（{type(failed[0]).__name__}）")


def _see_that_it_can_be(folder: Path) -> None:
    """Look at what the folder says of itself, before anything is loaded.

    Raises:
        ModelError: it is no causal language model, or lacks weights.
    """
    try:
        kinds = architectures(folder) or ["没有写明"]
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} 不是语言模型的文件夹（config.json 读不出来：{error}）") from None
    if not any(kind.endswith(("ForCausalLM", "ForConditionalGeneration")) for kind in kinds):
        raise ModelError(f"{folder} 不是对话用的语言模型（{'、'.join(kinds)}）")
    if not (weights := _weights(folder)):
        raise ModelError(f"{folder} 里没有权重文件（*.safetensors）；请重新运行 wence models pull。")
    if not all(path.stat().st_size for path in weights):
        raise ModelError(f"{folder} 里的权重文件是空的；请重新运行 wence models pull。")


def _weights(folder: Path) -> list[Path]:
    return [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]


def placed(size: int, bits: Bits) -> dict[str, Any]:
    """How to load weights of `size` bytes: device and dtype, or four bits where the machine allows.

    GPU: bfloat16 (float16 where it lacks that); four bits if asked, or if 16 do not fit. CPU: bfloat16
    where the processor computes it, else float32 if twice the weights fit into memory.
    """
    import torch

    if torch.cuda.is_available():
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        free, _ = torch.cuda.mem_get_info()
        if bits == "4" or (bits == "auto" and size > 0.9 * free and not _lacking()):
            if lacking := _lacking():
                raise ModelError(
                    f"4 位量化还缺 {'、'.join(lacking)}；请用 pip 安装，或设 WENCE_WRITER_BITS=16。"
                )
            import transformers

            config: Any = transformers.BitsAndBytesConfig
            four = config(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
            return {"quantization_config": four, "device_map": {"": 0}, "dtype": dtype}
        return {"device": "cuda", "dtype": dtype}
    if bits == "4":
        raise ModelError("4 位量化要有 CUDA 显卡；这台机器没有，请设 WENCE_WRITER_BITS=auto。")
    if torch.backends.mps.is_available():
        return {"device": "mps", "dtype": torch.float16}
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    fits = 2 * size < 0.6 * _memory()
    return {"device": "cpu", "dtype": torch.bfloat16 if native or not fits else torch.float32}


def _lacking() -> list[str]:
    return [name for name in _QUANTISERS if importlib.util.find_spec(name) is None]


def _memory() -> int:
    """Bytes of memory that this machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):  # not a Unix
        return 8 << 30
