"""Work that no request starts or that is handed on: schedules, queues, buses and their receivers."""
