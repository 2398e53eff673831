"""The staff: who joins, what each may do, who leaves."""
