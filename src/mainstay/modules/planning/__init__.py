"""When work can be done: calendars, schedules, baselines and forecasts."""
