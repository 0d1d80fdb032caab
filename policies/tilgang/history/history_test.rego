package tilgang.history_test

import data.tilgang.history

_parts := [
	{"owner": "910000000"},
	{"owner": "910000000", "application": "a"},
	{"owner": "910000000", "application": "b"},
	{"owner": "910000001", "application": "a"},
	{"owner": "910000001"},
]

_input(reader) := {"reader": reader, "parts": _parts}

test_a_reader_sees_the_parts_of_the_own_organisation if {
	history.visible == [true, true, true, false, false] with input as _input({"orgnr": "910000000", "applications": null})
}

test_a_limited_reader_sees_only_what_is_about_its_applications_or_none if {
	history.visible == [true, true, false, false, false] with input as _input({"orgnr": "910000000", "applications": ["a"]})
	history.visible == [true, false, false, false, false] with input as _input({"orgnr": "910000000", "applications": []})
}

test_an_odd_reader_sees_nothing if {
	nothing := [false, false, false, false, false]
	every reader in [{}, null, {"orgnr": "910000000"}, {"orgnr": "910000000", "applications": "a"}, {"applications": null}] {
		history.visible == nothing with input as _input(reader)
	}
	history.visible == [false] with input as {"reader": {"orgnr": null, "applications": null}, "parts": [{"owner": null}]}
}

test_odd_parts_keep_their_place if {
	reader := {"orgnr": "910000000", "applications": ["a"]}
	history.visible == [false, false, true] with input as {"reader": reader, "parts": [5, null, {"owner": "910000000"}]}
	every parts in [null, 5, {}, "x"] {
		not history.visible with input as {"reader": reader, "parts": parts}
	}
}

test_a_part_of_several_is_seen_by_each_of_them if {
	parts := [
		{"owner": "910000000", "parties": ["910000001", "910000002"]},
		{"owner": "910000003", "parties": []},
		{"owner": "910000003", "parties": {"910000002": true}},
		{"owner": "910000003", "parties": "910000002"},
	]
	every reader in ["910000000", "910000001", "910000002"] {
		seen := history.visible with input as {"reader": {"orgnr": reader, "applications": null}, "parts": parts}
		seen == [true, false, false, false]
	}
	others := history.visible with input as {"reader": {"orgnr": "910000004", "applications": null}, "parts": parts}
	others == [false, false, false, false]
}
