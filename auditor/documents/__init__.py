"""The one place that turns files into located trees."""
