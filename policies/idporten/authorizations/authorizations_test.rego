package idporten.authorizations_test

import data.idporten.authorizations

_own := {"orgnr": "910000000", "closed": false}

_machine := {
	"caller": {"kind": "machine", "consumer": "910000000", "clientId": "m", "scopes": ["idporten:authorizations"]},
	"organisation": _own,
}

_person := {
	"caller": {
		"kind": "person",
		"brukerId": "p",
		"acr": "idporten-loa-substantial",
		"clientId": "c",
		"scopes": ["idporten:authorizations", "idporten:user.log.read"],
	},
	"organisation": _own,
	"person": {"blocked": false},
}

_citizen := {"caller": {"kind": "citizen", "brukerId": "p", "acr": "idporten-loa-high"}, "person": {"blocked": false}}

_object(parties) := {"object": {"brukerId": "p", "parties": parties}}

_reasons(who, action, changes) := answer.reasons if {
	base := {"action": {"name": action}, "context": {"time": "2026-11-27T12:00:00.000Z"}}
	answer := authorizations.evaluate with input as object.union(object.union(base, who), changes)
}

test_a_person_lists_by_a_client_and_a_citizen_here if {
	every action in {"authorization.list", "login.list"} {
		_reasons(_person, action, {}) == []
		_reasons(_citizen, action, {}) == []
		"person_needed" in _reasons(_machine, action, {})
	}
	_reasons(_citizen, "authorization.history", {}) == []
	_reasons(_person, "authorization.history", {}) == ["machine_needed"]
	_reasons(_machine, "authorization.history", {}) == ["person_needed"]
}

test_a_machine_looks_up if {
	_reasons(_machine, "authorization.look-up", {}) == []
	_reasons(_person, "authorization.look-up", {}) == ["machine_needed"]
	_reasons(_citizen, "authorization.look-up", {}) == ["machine_needed"]
}

test_the_caller if {
	_reasons({"caller": {"kind": "anonymous"}}, "authorization.list", {}) == ["caller_unknown"]
	_reasons({"caller": {"kind": "operator"}}, "authorization.withdraw", {}) == ["caller_unknown"]
	_reasons(_machine, "authorization.look-up", {"caller": {"scopes": ["ks:fiks"]}}) == ["scope_missing"]
	_reasons(_person, "login.list", {"caller": {"scopes": ["idporten:authorizations"]}}) == ["scope_missing"]
	_reasons(_person, "authorization.list", {"caller": {"scopes": ["idporten:user.log.read"]}}) == ["scope_missing"]
	_reasons(_machine, "authorization.look-up", {"caller": {"supplier": "920000000"}}) == ["supplier_unfit"]
	_reasons(_person, "authorization.list", {"caller": {"acr": "idporten-loa-low"}}) == ["security_level_too_low"]
	_reasons(_citizen, "authorization.list", {"caller": {"acr": "idporten-loa-low"}}) == ["security_level_too_low"]
	_reasons(object.union(_person, {"caller": {"acr": null}}), "authorization.list", {}) == ["security_level_too_low"]
	_reasons(object.remove(_citizen, ["caller"]), "authorization.list", {}) == ["caller_unknown"]
	_reasons({"caller": {"kind": "citizen", "brukerId": "p"}, "person": {"blocked": false}}, "authorization.list", {}) == ["security_level_too_low"]
	_reasons({"caller": {"kind": "machine"}}, "authorization.look-up", {}) == ["scope_missing"]
	_reasons(_person, "authorization.make", {}) == ["action_unknown"]
}

test_the_organisation if {
	_reasons(object.remove(_person, ["organisation"]), "authorization.list", {}) == ["organisation_unknown"]
	_reasons(_machine, "authorization.look-up", {"organisation": {"closed": true}}) == ["organisation_closed"]
}

test_who_withdraws_what if {
	every who in [_machine, _person, _citizen] {
		_reasons(who, "authorization.withdraw", _object(["920000000", "910000000"])) == []
		_reasons(who, "authorization.withdraw", {}) == ["object_unknown"]
	}
	_reasons(_machine, "authorization.withdraw", _object(["920000000"])) == ["object_unknown"]
	_reasons(_person, "authorization.withdraw", _object(["920000000"])) == ["object_unknown"]
	_reasons(_citizen, "authorization.withdraw", _object(["920000000"])) == []
	others := {"object": {"brukerId": "q", "parties": ["910000000"]}}
	_reasons(_person, "authorization.withdraw", others) == ["object_unknown"]
	_reasons(_citizen, "authorization.withdraw", others) == ["object_unknown"]
	_reasons(_machine, "authorization.withdraw", others) == []
}

test_without_an_instant_there_is_no_answer if {
	not authorizations.evaluate with input as {"action": {"name": "authorization.list"}, "context": {"time": "noon"}}
}

test_who_is_blocked_sees_and_does_nothing if {
	every who in [_person, _citizen] {
		_reasons(who, "authorization.list", {"person": {"blocked": true}}) == ["person_blocked"]
		_reasons(object.remove(who, ["person"]), "authorization.list", {}) == ["person_blocked"]
	}
}
