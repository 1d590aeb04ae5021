"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# Machines are shared and slow at times: no test fails for having taken long.
settings.register_profile("gate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")
