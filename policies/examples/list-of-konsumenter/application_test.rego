package application_test

import data.application

_question := {
	"action": {"name": "use"},
	"grants": [
		{"konsument": "910000000", "roles": ["use"]},
		{"konsument": "910000001", "roles": ["use"]},
		{"konsument": "910000002", "roles": ["use"]},
	],
	"context": {"time": "2026-11-27T12:00:00.000Z"},
}

_opening := {"910000000": "2026-11-27", "910000001": "2026-11-28"}

test_open_from_the_day_in_the_list if {
	application.search == {"910000000"} with input as _question with data.opening as _opening
	next_day := object.union(_question, {"context": {"time": "2026-11-28T00:00:00.000Z"}})
	application.search == {"910000000", "910000001"} with input as next_day with data.opening as _opening
}

test_who_is_not_in_the_list_is_told_so if {
	told := {"910000001": {"not_open_yet"}, "910000002": {"not_open_yet"}}
	application.reasons == told with input as _question with data.opening as _opening
}

test_the_role_is_needed_all_the_same if {
	question := object.union(_question, {"action": {"name": "tilsyn"}})
	application.search == set() with input as question with data.opening as _opening
}

test_the_list_holds_organisation_numbers_and_days if {
	count(data.opening) > 0
	every konsument, day in data.opening {
		regex.match(`^[0-9]{9}$`, konsument)
		regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, day)
	}
}
