package systembruker.delegation_test

import data.systembruker.delegation

_now := "2026-11-27T12:00:00.000Z"

_later := "2026-11-27T12:00:00.001Z"

_service := {
	"id": "mva",
	"exists": true,
	"active": true,
	"type": "AltinnApp",
	"actions": ["read", "write"],
	"delegable": true,
	"forParty": true,
}

_person := {"kind": "person", "acr": "idporten-loa-substantial", "assignments": [{"roles": ["tilgangsstyrer"]}]}

_package := {"kind": "package", "package": {"exists": true, "active": true, "assignable": true, "delegable": true}, "resources": [_service]}

_right(service) := {"kind": "right", "resources": [service]}

_given(items, more) := object.union(
	{"purpose": "give", "type": "standard", "person": _person, "items": items, "context": {"time": _now}},
	more,
)

_faults(items, more) := found if {
	found := delegation.faults with input as _given(items, more)
}

_reasons(item, more) := [reason | some {"reason": reason, "resource": _} in _faults([item], more)[0]]

_with(more) := _right(object.union(_service, more))

test_what_nothing_stands_against_can_be_given if {
	_faults([_right(_service), object.union(_right(_service), {"action": "read"}), _package], {}) == [[], [], []]
	_faults([], {}) == []
}

test_each_item_is_judged_by_itself_and_in_its_order if {
	closed := object.union(_service, {"id": "lukket", "delegable": false, "forParty": false})
	_faults([_right(_service), {"kind": "right", "resources": [_service, closed]}, _package], {}) == [
		[],
		[{"reason": "resource_not_delegable", "resource": "lukket"}, {"reason": "resource_not_for_party", "resource": "lukket"}],
		[],
	]
}

test_threat_5_what_is_missing_or_odd_is_a_fault if {
	cases := {
		"exists": "resource_unknown",
		"active": "resource_unknown",
		"type": "resource_type_unfit",
		"delegable": "resource_not_delegable",
		"forParty": "resource_not_for_party",
	}
	every field, reason in cases {
		every purpose in ["give", "ask"] {
			_reasons(_right(object.remove(_service, [field])), {"purpose": purpose}) == [reason]
			every odd in [null, false, "true", 1, []] {
				_reasons(_with({field: odd}), {"purpose": purpose}) == [reason]
			}
		}
	}
	every odd in [{}, {"kind": "right"}, {"kind": "right", "resources": []}, {"kind": "right", "resources": {}}, {"kind": "odd", "resources": [_service]}, null] {
		_reasons(odd, {}) == ["resource_unknown"]
	}
	_faults([_right({"id": 5, "exists": false})], {}) == [[{"reason": "resource_unknown", "resource": ""}]]
	not delegation.faults with input as _given([], {"context": {"time": "now"}})
}

test_of_some_types_nothing_is_given if {
	every type in ["MaskinportenSchema", "Altinn2Service", "Consent", "altinnapp"] {
		_reasons(_with({"type": type}), {"purpose": "ask"}) == ["resource_type_unfit"]
	}
}

test_an_action_is_one_of_the_services if {
	_reasons(object.union(_right(_service), {"action": "sign"}), {}) == ["action_unknown"]
	_reasons(object.union(_with({"actions": null}), {"action": "read"}), {"purpose": "ask"}) == ["action_unknown"]
	_reasons(object.union(_with({"exists": false}), {"action": "sign"}), {}) == ["resource_unknown"]
	_reasons(object.union(_right(_service), {"action": null}), {}) == ["action_unknown"]
}

test_a_package_is_given_for_oneself_or_by_clients if {
	every field in ["exists", "active"] {
		every odd in [null, false, "true"] {
			every type in ["standard", "agent"] {
				_reasons(object.union(_package, {"package": {field: odd}}), {"type": type}) == ["package_unknown"]
			}
		}
	}
	_reasons(object.union(_package, {"package": {"assignable": false}}), {}) == ["package_not_assignable"]
	_reasons(object.union(_package, {"package": {"delegable": false}}), {}) == []
	_reasons(object.union(_package, {"package": {"delegable": false}}), {"type": "agent"}) == ["package_not_for_agents"]
	_reasons(object.union(_package, {"package": {"assignable": false}}), {"type": "agent"}) == []
	_reasons(object.remove(_package, ["package"]), {}) == ["package_unknown"]
}

test_whoever_gives_a_package_gives_its_services_in_use if {
	high := object.union(_service, {"id": "arsregnskap", "level": "high"})
	old := object.union(_service, {"id": "gammel", "active": false, "level": "high"})
	package_of := object.union(_package, {"resources": [_service, high, old]})
	_faults([package_of], {}) == [[{"reason": "security_level_too_low", "resource": "arsregnskap"}]]
	_faults([package_of], {"purpose": "ask"}) == [[]]
	_faults([package_of], {"type": "agent"}) == [[]]
	_faults([package_of], {"type": "agent", "person": {"kind": "person", "acr": "idporten-loa-substantial", "assignments": []}}) == [[]]
}

test_it_takes_a_role_in_force_and_without_limits if {
	cases := [
		{"assignment": {}, "reasons": []},
		{"assignment": {"until": _later, "from": _now}, "reasons": []},
		{"assignment": {"roles": ["organisasjonsadministrator"]}, "reasons": []},
		{"assignment": {"until": _now}, "reasons": ["role_missing"]},
		{"assignment": {"from": _later}, "reasons": ["role_missing"]},
		{"assignment": {"from": null}, "reasons": ["role_missing"]},
		{"assignment": {"withdrawn": null}, "reasons": ["role_missing"]},
		{"assignment": {"applications": []}, "reasons": ["role_missing"]},
		{"assignment": {"mayGive": ["a"]}, "reasons": ["role_missing"]},
		{"assignment": {"roles": ["tilgangsadministrator", "klientadministrator"]}, "reasons": ["role_missing"]},
		{"assignment": {"roles": null}, "reasons": ["role_missing"]},
	]
	every case in cases {
		assignments := [object.union({"roles": ["tilgangsstyrer"]}, case.assignment)]
		_reasons(_right(_service), {"person": {"assignments": assignments}}) == case.reasons
		_reasons(_right(_service), {"purpose": "ask", "person": {"assignments": assignments}}) == []
	}
	every odd in [null, [], [null, 5], {}] {
		_reasons(_right(_service), {"person": {"assignments": odd}}) == ["role_missing"]
	}
	without := object.remove(_given([_right(_service)], {}), ["person"])
	delegation.faults == [[{"reason": "role_missing", "resource": "mva"}, {"reason": "security_level_too_low", "resource": "mva"}]] with input as without
	every odd in [null, "", "asked"] {
		asked := object.union(without, {"purpose": odd})
		count(delegation.faults[0]) == 2 with input as asked
	}
}

test_some_services_take_more if {
	_reasons(_with({"givenBy": "organisasjonsadministrator"}), {}) == ["role_missing"]
	_reasons(_with({"givenBy": "organisasjonsadministrator"}), {"purpose": "ask"}) == []
	administrator := {"person": {"assignments": [{"roles": ["organisasjonsadministrator"]}]}}
	_reasons(_with({"givenBy": "organisasjonsadministrator"}), administrator) == []
	every odd in [null, "tilgangsstyrer", "odd"] {
		_reasons(_with({"givenBy": odd}), administrator) == ["role_missing"]
	}
	every acr in ["idporten-loa-high", "Level4"] {
		_reasons(_with({"level": "high"}), {"person": {"acr": acr}}) == []
	}
	every acr in ["idporten-loa-substantial", "Level3"] {
		_reasons(_with({"level": "high"}), {"person": {"acr": acr}}) == ["security_level_too_low"]
		_reasons(_right(_service), {"person": {"acr": acr}}) == []
	}
	every acr in ["idporten-loa-low", null, ""] {
		_reasons(_right(_service), {"person": {"acr": acr}}) == ["security_level_too_low"]
	}
	_reasons(_with({"level": null}), {}) == ["security_level_too_low"]
}
