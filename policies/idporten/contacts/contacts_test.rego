package idporten.contacts_test

import data.idporten.contacts

_time := "2026-11-27T12:00:00.000Z"

_seen(persons, unregistered) := answer if {
	answer := contacts.view with input as {
		"persons": persons,
		"includesUnregistered": unregistered,
		"context": {"time": _time},
	}
}

_active(change) := object.union({"status": "AKTIV", "reserved": false, "channels": []}, change)

test_a_channel_counts_for_eighteen_months if {
	cases := [
		{"channels": [["2025-05-27T12:00:00.000Z"]], "word": "notifiable"},
		{"channels": [["2025-05-27T11:59:59.999Z"]], "word": "unnotifiable"},
		{"channels": [["2020-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]], "word": "notifiable"},
		{"channels": [["2020-01-01T00:00:00.000Z"], ["2026-01-01T00:00:00.000Z"]], "word": "notifiable"},
		{"channels": [[], ["2020-01-01T00:00:00.000Z"]], "word": "unnotifiable"},
		{"channels": [], "word": "unnotifiable"},
	]
	every case in cases {
		_seen([_active({"channels": case.channels})], true) == [case.word]
	}
}

test_the_reserved_and_the_deleted_are_not_notified if {
	fresh := [["2026-11-01T00:00:00.000Z"]]
	_seen([_active({"channels": fresh, "reserved": true})], true) == ["unnotifiable"]
	_seen([_active({"channels": fresh, "status": "SLETTET"})], true) == ["deleted"]
}

test_who_is_not_registered_is_named_only_on_demand if {
	_seen([null, _active({})], true) == ["unregistered", "unnotifiable"]
	_seen([null, _active({})], false) == ["left_out", "unnotifiable"]
}

test_an_odd_person_has_no_word if {
	every odd in [{}, {"status": "AKTIV"}, {"status": "AKTIV", "reserved": null, "channels": []}, {"status": "x", "reserved": false, "channels": []}, 5] {
		_seen([odd], true) == []
	}
	_seen([null], "yes") == []
}

test_without_an_instant_there_is_no_answer if {
	not contacts.view with input as {"persons": [], "includesUnregistered": true, "context": {"time": "now"}}
}
