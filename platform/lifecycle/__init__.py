"""State changes of records happen here and nowhere else."""
