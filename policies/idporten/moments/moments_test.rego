package idporten.moments_test

import data.idporten.moments

test_months_are_those_of_the_calendar if {
	moments.months_before("2026-11-27T12:00:00.000Z", 18) == "2025-05-27T12:00:00.000Z"
	moments.months_before("2026-01-05T00:00:00.001Z", 18) == "2024-07-05T00:00:00.001Z"
	moments.months_before("2026-12-31T00:00:00.000Z", 12) == "2025-12-31T00:00:00.000Z"
	moments.months_before("2026-08-31T00:00:00.000Z", 18) > "2025-02-28T23:59:59.999Z"
	moments.months_before("2026-08-31T00:00:00.000Z", 18) < "2025-03-01T00:00:00.000Z"
}

test_what_is_no_instant_has_none_before_it if {
	not moments.months_before("2026-11-27", 18)
	not moments.months_before("", 18)
	not moments.months_before("2026-13-27T12:00:00.000Z", 18)
}
