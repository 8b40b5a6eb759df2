"""Floor 3: measuring. Now the speed benchmark (`wence bench`)."""
