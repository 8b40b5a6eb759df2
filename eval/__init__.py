"""Floor 3: the benchmark (`wence eval`) and the speed benchmark (`wence bench`)."""
