package tilgang.explained_test

import data.tilgang.explained

_told(reader, decisions) := told if {
	told := explained.told with input as {"reader": reader, "decisions": decisions}
}

_operator := {"kind": "operator"}

_tilbyder := {"kind": "tilbyder", "orgnr": "987654321"}

_konsument := {"kind": "konsument", "orgnr": "910000000"}

_granted := {"konsument": "910000000", "named": false, "standard": ["granted"], "own": []}

_with(change) := object.union(_granted, change)

test_the_operator_is_told_all if {
	decisions := [_granted, _with({"konsument": "910000001", "standard": ["grant_withdrawn", "grant_expired"]})]
	told := [{"shown": true, "reasons": ["granted"]}, {"shown": true, "reasons": ["grant_expired", "grant_withdrawn"]}]
	_told(_operator, decisions) == told
}

test_a_konsument_is_told_of_its_own_grants if {
	own := _with({"standard": ["grant_expired"]})
	told := [{"shown": true, "reasons": ["grant_expired"]}, {"shown": false, "reasons": []}]
	_told(_konsument, [own, _with({"konsument": "910000001", "named": true})]) == told
}

test_a_tilbyder_is_told_whether_and_not_how_a_grant_is_kept if {
	every fault in ["grant_withdrawn", "grant_expired", "grant_not_yet_valid", "role_missing", "grant_missing"] {
		denied := _with({"standard": [fault]})
		_told(_tilbyder, [denied]) == [{"shown": false, "reasons": []}]
		_told(_tilbyder, [object.union(denied, {"named": true})]) == [{"shown": true, "reasons": ["grant_missing"]}]
	}
	several := _with({"standard": ["application_not_activated", "grant_expired"], "named": true})
	_told(_tilbyder, [several]) == [{"shown": true, "reasons": ["application_not_activated", "grant_missing"]}]
}

test_what_an_own_rule_says_stands_in_place_of_the_yes if {
	denied := _with({"own": ["outside_office_hours"]})
	every reader in [_operator, _tilbyder, _konsument] {
		_told(reader, [denied]) == [{"shown": true, "reasons": ["outside_office_hours"]}]
	}
}

test_others_see_nothing if {
	every reader in [{"kind": "machine"}, {}, {"kind": "konsument"}, {"kind": null}, {"kind": "konsument", "orgnr": null}] {
		_told(reader, [_granted]) == [{"shown": false, "reasons": []}]
	}
	not explained.told with input as {"reader": _operator, "decisions": null}
}
