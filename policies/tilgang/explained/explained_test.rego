package tilgang.explained_test

import data.tilgang.explained

_told(reader, decisions) := told if {
	told := explained.told with input as {"reader": reader, "decisions": decisions}
}

_operator := {"kind": "operator"}

_tilbyder := {"kind": "tilbyder", "orgnr": "987654321"}

_konsument := {"kind": "konsument", "orgnr": "910000000"}

_granted := {"konsument": "910000000", "named": true, "standard": ["granted"], "own": []}

_with(change) := object.union(_granted, change)

test_the_operator_is_told_all if {
	decisions := [_granted, _with({"konsument": "910000001", "standard": ["grant_withdrawn", "grant_expired"]})]
	told := [
		{"shown": true, "reasons": ["granted"], "grant": true},
		{"shown": true, "reasons": ["grant_expired", "grant_withdrawn"], "grant": true},
	]
	_told(_operator, decisions) == told
}

test_a_konsument_is_told_of_its_own_grants if {
	own := _with({"standard": ["grant_expired"]})
	told := [{"shown": true, "reasons": ["grant_expired"], "grant": true}, {"shown": false, "reasons": [], "grant": false}]
	_told(_konsument, [own, _with({"konsument": "910000001"})]) == told
}

test_a_tilbyder_is_told_whether_and_not_how_a_grant_is_kept if {
	every fault in ["grant_withdrawn", "grant_expired", "grant_not_yet_valid", "grant_missing"] {
		denied := _with({"standard": [fault]})
		_told(_tilbyder, [object.union(denied, {"named": false})]) == [{"shown": false, "reasons": [], "grant": false}]
		_told(_tilbyder, [denied]) == [{"shown": true, "reasons": ["grant_missing"], "grant": false}]
	}
	several := _with({"standard": ["application_not_activated", "grant_expired"]})
	_told(_tilbyder, [several]) == [{"shown": true, "reasons": ["application_not_activated", "grant_missing"], "grant": false}]
}

test_what_an_own_rule_says_stands_in_place_of_the_yes if {
	denied := _with({"own": ["outside_office_hours"]})
	every reader in [_operator, _konsument] {
		_told(reader, [denied]) == [{"shown": true, "reasons": ["outside_office_hours"], "grant": true}]
	}
	_told(_tilbyder, [denied]) == [{"shown": true, "reasons": ["outside_office_hours"], "grant": false}]
	_told(_tilbyder, [_granted]) == [{"shown": true, "reasons": ["granted"], "grant": false}]
}

test_others_see_nothing if {
	every reader in [{"kind": "machine"}, {}, {"kind": "konsument"}, {"kind": null}, {"kind": "konsument", "orgnr": null}] {
		_told(reader, [_granted]) == [{"shown": false, "reasons": [], "grant": false}]
	}
	not explained.told with input as {"reader": _operator, "decisions": null}
}

test_that_a_role_alone_is_missing_is_told_to_a_tilbyder if {
	_told(_tilbyder, [_with({"standard": ["role_missing"]})]) == [{"shown": true, "reasons": ["role_missing"], "grant": false}]
	_told(_tilbyder, [_with({"standard": ["grant_expired", "role_missing"]})]) == [{"shown": true, "reasons": ["grant_missing"], "grant": false}]
}

test_a_foreign_application_looks_like_none if {
	every slug in ["caller_foreign", "application_unknown"] {
		_told(_tilbyder, [_with({"standard": [slug]})]) == [{"shown": true, "reasons": ["application_unknown"], "grant": false}]
	}
	every slug in ["client_not_allowed", "kind_unknown"] {
		_told(_tilbyder, [_with({"standard": [slug]})])[0].reasons == [slug]
	}
}

test_reasons_come_with_answers_for_machines_with_both_scopes if {
	machine := {"kind": "machine", "consumer": "910000000", "clientId": "client", "scopes": ["ks:fiks", "ks:fiks.begrunnelse"]}
	explained.with_answers == true with input as {"caller": machine}
	others := [object.union(machine, change) |
		some change in [{"scopes": ["ks:fiks"]}, {"scopes": ["ks:fiks.begrunnelse"]}, {"scopes": "ks:fiks ks:fiks.begrunnelse"}, {"kind": "person"}]
	]
	every caller in others {
		explained.with_answers == false with input as {"caller": caller}
	}
	explained.with_answers == false with input as {}
}
