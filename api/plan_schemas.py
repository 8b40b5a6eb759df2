"""Plans that are added: uploads, what is said of them, what would become of them, and what was done."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.plan_desk import Done
from api.plan_looked import Looked
from api.schemas import MeasureOut, PassageOut
from corpus.columns import FIELDS
from corpus.preview_report import preview_report
from corpus.types import Level, Status

PLAN_ID = r"^[a-z0-9][a-z0-9-]{0,60}$"
_COLUMNS = "、".join(f"{name}（{words}）" for name, words in FIELDS.items())
_Plain = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class UploadQuery(BaseModel):
    """What is said of a file as it is sent."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=300, description="文件名；请求体就是文件本身时必写")
    replaces: str = Field(default="", max_length=200, description="要用它替换的计划：编号、简称或标题")


class PartQuery(BaseModel):
    """Which records are shown."""

    model_config = ConfigDict(extra="forbid")

    part: int | None = Field(default=None, ge=0, le=10_000, description="只看文件的这一部分（从 0 数）")


class RecordQuery(BaseModel):
    """Which record is meant."""

    model_config = ConfigDict(extra="forbid")

    record: str = Field(min_length=1, max_length=120, description="条目编号")


class PageQuery(BaseModel):
    """What is marked on a page, and how wide its picture is."""

    model_config = ConfigDict(extra="forbid")

    record: str = Field(default="", max_length=120, description="要标出的条目编号；不写则不标")
    width: int = Field(default=1100, ge=200, le=2400, description="图宽（像素）")


class GivenIn(BaseModel):
    """What is said of one part; what is left out stays as it was said, null is as the document has it."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[_Plain, Field(max_length=200)] | None = Field(default=None, description="标题")
    level: Level | None = Field(default=None, description="级别")
    district: str | None = Field(default=None, max_length=20, description="区名；市级为空")
    first_year: int | None = Field(default=None, ge=1990, le=2100, description="年度（几年的为首年）")
    last_year: int | None = Field(default=None, ge=1990, le=2100, description="几年的计划的末年")
    status: Status | None = Field(default=None, description="正式（final）或征求意见稿（draft）")
    id: str | None = Field(
        default=None, pattern=PLAN_ID, description="计划编号：小写字母、数字和连字符；不写则起名"
    )
    short: Annotated[_Plain, Field(max_length=30)] | None = Field(
        default=None, description="简称，用在引用标签里；不写则起名"
    )
    leave: bool = Field(default=False, description="这一部分不要")


class AnswersIn(BaseModel):
    """Answers to the questions of a preview, and corrections of what was read."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"given": {"0": {"first_year": 2026}}, "mapping": {"改革事项": "task"}}]
        },
    )

    given: dict[int, GivenIn] = Field(default={}, max_length=100, description="对各部分的说明，部分从 0 数")
    mapping: dict[Annotated[str, Field(max_length=200)], str] = Field(
        default={}, max_length=100, description=f"列名各是什么：{_COLUMNS}；空为未说"
    )
    replaces: str | None = Field(
        default=None, max_length=200, description="要用它替换的计划；空为不替换，null 为不变"
    )

    def fields(self) -> dict[int, dict[str, Any]]:
        """What was said of each part, and nothing of what was not."""
        return {part: said.model_dump(exclude_unset=True) for part, said in self.given.items()}


class ConfirmIn(BaseModel):
    """Uploads that are confirmed together."""

    model_config = ConfigDict(extra="forbid")

    tokens: list[Annotated[str, Field(max_length=64)]] = Field(
        min_length=1, max_length=60, description="上传后得到的编号，一份或几份"
    )


class PartOut(BaseModel):
    """A part of the file that could be a plan."""

    part: int
    marker: str = Field(description="附件1 等；没有则为空")
    title: str
    leave: bool = Field(description="操作人已说不要")


class QuestionOut(BaseModel):
    """What has to be answered first: `name` is a field of a part, or (part null) a heading of a column."""

    part: int | None
    name: str
    words: str
    choices: list[list[str]]


class ProposalOut(BaseModel):
    """A part as a plan; without id and counts while something of it has to be answered."""

    part: int
    marker: str
    title: str
    level: Level | None
    district: str
    years: list[int | None]
    status: Status
    hints: list[str]
    supersedes: list[str] = Field(description="它将取代的征求意见稿")
    superseded_by: str = Field(description="已取代它的正式文本")
    rows: dict[str, int] = Field(description="表格各行成了什么：表头、章节、措施等")
    id: str | None = None
    short: str | None = None
    tasks: int | None = None
    measures: int | None = None
    passages: int | None = None
    duties: dict[str, int] | None = None
    without_departments: list[str] | None = None
    without_dates: list[str] | None = None
    notes: list[str] | None = None


class LeftItem(BaseModel):
    """Something that becomes no record."""

    place: str
    text: str


class LeftOut(BaseModel):
    """Things of one kind that become no record."""

    kind: str
    count: int
    items: list[LeftItem]


class UnknownOut(BaseModel):
    """A department that the lexicon lacks, with the nearest that it knows."""

    name: str
    nearest: list[str]


class ReportOut(BaseModel):
    """The ingest report of a preview."""

    file: str
    format: str
    complete: bool
    replaces: str
    questions: list[QuestionOut]
    plans: list[ProposalOut]
    left: list[LeftOut]
    characters: dict[str, int]
    unknown_departments: list[UnknownOut]
    notes: list[str]


class UploadOut(BaseModel):
    """A file that waits, and what would become of it; where that cannot be said, why."""

    token: str
    name: str
    created: str
    replaces: str = Field(description="将被替换的计划；没有则为空")
    complete: bool = Field(description="可以确认加入")
    problem: str = Field(description="不能加入的原因；没有则为空")
    twice: str = Field(description="因已在库中而不能加入时，库中那个计划的编号")
    parts: list[PartOut]
    report: ReportOut | None

    @staticmethod
    def of(looked: Looked) -> dict[str, Any]:
        """The document of an upload."""
        upload = looked.upload
        return {
            "token": upload.token,
            "name": upload.name,
            "created": upload.created,
            "replaces": upload.replaces,
            "complete": looked.complete,
            "problem": looked.problem,
            "twice": looked.twice,
            "parts": [
                {"part": p.part, "marker": p.marker, "title": p.title, "leave": p.leave} for p in looked.parts
            ],
            "report": preview_report(looked.preview) if looked.preview else None,
        }


class UploadItem(BaseModel):
    """A file that waits."""

    token: str
    name: str
    created: str


class UploadsOut(BaseModel):
    """The files that wait, the oldest first."""

    items: list[UploadItem]


class ParsedMeasureOut(MeasureOut):
    """A measure as it would be added, its part of the file, and its page (0: the format has none)."""

    part: int
    page: int


class ParsedPassageOut(PassageOut):
    """A passage as it would be added, likewise."""

    part: int
    page: int


class RecordsOut(BaseModel):
    """The records that would be added."""

    items: list[ParsedMeasureOut | ParsedPassageOut]


class DoneOut(BaseModel):
    """A change that was made."""

    plans: list[dict[str, Any]] = Field(description="有关的计划：id、short、title、status、in_force")
    superseded: list[str] = Field(description="被取代的征求意见稿")
    seconds: float
    serves: bool = Field(
        description="答复这个请求的进程已换用新索引；false 为几秒内换用。同一服务的其他进程一两秒内跟上"
    )

    @staticmethod
    def of(done: Done) -> dict[str, Any]:
        """The document of a change."""
        names = ("id", "short", "title", "status", "in_force")
        return {
            "plans": [{name: getattr(plan, name) for name in names} for plan in done.plans],
            "superseded": list(done.superseded),
            "seconds": done.seconds,
            "serves": done.serves,
        }
