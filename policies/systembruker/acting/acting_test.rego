package systembruker.acting_test

import data.systembruker.acting

_now := "2026-11-21T12:00:00.000Z"

_later := "2026-11-21T12:00:00.001Z"

_base := {
	"subject": {"type": "systemuser", "id": "u"},
	"systemUser": {
		"id": "u",
		"type": "standard",
		"systemId": "910000000_s",
		"vendor": "910000000",
		"party": "920000000",
		"status": "Accepted",
		"removed": false,
		"deactivated": false,
		"has": {"rights": [{"resources": ["mva"]}], "packages": []},
	},
	"system": {"id": "910000000_s", "vendor": "910000000", "deleted": false},
	"owner": {"closed": false},
	"vendor": {"closed": false},
	"organisation": {"orgnr": "920000000", "closed": false},
	"packages": {},
	"resource": {"id": "mva", "owner": "940000000", "active": true, "delegable": true, "actions": ["read", "write"]},
	"action": {"name": "read"},
	"context": {"time": _now},
}

_changed(base, changes) := object.union(base, changes)

_reasons(changes) := slugs if {
	slugs := acting.evaluate.reasons with input as _changed(_base, changes)
}

# A relation that gives them since the client was added.
_given(packages) := {"packages": packages, "since": {name: _now | some name in packages}}

_package := {"active": true, "assignable": false, "delegable": true, "resources": ["mva"]}

_agent := _changed(_base, {
	"systemUser": {"type": "agent", "has": {"rights": [], "packages": ["a", "b"]}},
	"organisation": {"orgnr": "930000000", "isClient": true, "since": _now, "relations": [_given(["a"]), _changed(_given(["b"]), {"until": _later})]},
	"packages": {"a": _package, "b": _changed(_package, {"resources": []})},
})

_agent_reasons(changes) := slugs if {
	slugs := acting.evaluate.reasons with input as _changed(_agent, changes)
}

test_what_it_has_been_given_it_may_do if {
	acting.evaluate == {"decision": true, "reasons": ["granted"]} with input as _base
	_reasons({"action": {"name": "write"}}) == ["granted"]
	acting.evaluate == {"decision": true, "reasons": ["granted"]} with input as _agent
}

test_without_an_instant_there_is_no_answer if {
	not acting.evaluate with input as _changed(_base, {"context": {"time": "noon"}})
	not acting.evaluate with input as object.remove(_base, ["context"])
}

test_of_what_is_no_system_user_nothing_more_is_told if {
	only := ["system_user_unknown"]
	acting.evaluate == {"decision": false, "reasons": only} with input as object.remove(_base, ["systemUser"])
	_reasons({"systemUser": {"status": "New"}}) == only
	_reasons({"systemUser": {"removed": true, "deactivated": true}}) == only
}

test_it_stands if {
	_reasons({"systemUser": {"deactivated": true}}) == ["system_user_deactivated"]
	_reasons({"system": {"deleted": true}}) == ["system_other"]
	_reasons({"system": {"vendor": "930000000"}}) == ["system_other"]
	_reasons({"system": {"id": "910000000_t"}}) == ["system_other"]
	acting.evaluate.reasons == ["system_other"] with input as object.remove(_base, ["system"])
	_reasons({"owner": {"closed": true}}) == ["organisation_ceased"]
	_reasons({"organisation": {"closed": true}}) == ["organisation_ceased"]
	_reasons({"vendor": {"closed": true}}) == ["organisation_ceased"]
	acting.evaluate.reasons == ["organisation_ceased"] with input as object.remove(_base, ["vendor"])
}

test_it_acts_for_its_owner_or_for_clients if {
	_reasons({"organisation": {"orgnr": "930000000"}}) == ["organisation_foreign"]
	_reasons({"organisation": {"orgnr": "930000000", "isClient": true}}) == ["organisation_foreign"]
	_agent_reasons({"organisation": {"isClient": false}}) == ["organisation_foreign"]
	_reasons({"systemUser": {"type": "other"}}) == ["organisation_foreign"]
}

test_whoever_asks_for_another_organisation_hears_nothing_of_its_affairs if {
	foreign := {"organisation": {"orgnr": "930000000"}}
	every changes in [
		{"systemUser": {"deactivated": true}},
		{"systemUser": {"has": {"rights": []}}},
		{"system": {"deleted": true}},
		{"owner": {"closed": true}},
		{"resource": {"onlyFor": ["930000000"]}},
	] {
		_reasons(_changed(foreign, changes)) == ["organisation_foreign"]
	}
}

test_an_agent_has_every_package_of_its_client if {
	_agent_reasons({"organisation": {"relations": [_given(["a"])]}}) == ["relation_missing"]
	_agent_reasons({"organisation": {"relations": [_given(["a"]), _changed(_given(["b"]), {"until": _now})]}}) == ["relation_missing"]
	_agent_reasons({"organisation": {"relations": [_given(["a"]), _changed(_given(["b"]), {"until": "never"})]}}) == ["relation_missing"]
	_agent_reasons({"organisation": {"relations": [_given(["a", "b"])]}}) == ["granted"]
	broken := _changed(_given(["a", "b"]), {"since": {"b": _later}})
	_agent_reasons({"organisation": {"relations": [broken]}}) == ["relation_missing"]
	_agent_reasons({"organisation": {"since": null}}) == ["relation_missing"]
	_agent_reasons({"packages": {"b": {"active": false}}}) == ["relation_missing"]
	_agent_reasons({"packages": {"b": {"delegable": false}}}) == ["relation_missing"]
	_agent_reasons({"packages": {"a": {"active": false}}}) == ["relation_missing", "right_missing"]
}

test_an_agent_acts_for_its_owner_with_packages_that_one_gives_oneself if {
	own := {"organisation": {"orgnr": "920000000", "relations": []}}
	_agent_reasons(own) == ["relation_missing"]
	assignable := {"assignable": true}
	_agent_reasons(_changed(own, {"packages": {"a": assignable, "b": assignable}})) == ["granted"]
}

test_the_services_owner_has_its_say if {
	_reasons({"resource": {"active": false}}) == ["resource_not_in_use"]
	_reasons({"resource": {"delegable": false}}) == ["resource_not_for_system_users"]
	_reasons({"resource": {"onlyFor": ["930000000"]}}) == ["resource_not_for_organisation"]
	_reasons({"resource": {"onlyFor": ["930000000", "920000000"]}}) == ["granted"]
	_reasons({"action": {"name": "sign"}}) == ["action_unknown"]
}

test_rights_are_of_a_service_and_of_an_action_if_they_name_one if {
	_reasons({"systemUser": {"has": {"rights": [{"resources": ["arsregnskap"]}]}}}) == ["right_missing"]
	_reasons({"systemUser": {"has": {"rights": []}}}) == ["right_missing"]
	_reasons({"systemUser": {"has": {"rights": [{"action": "write", "resources": ["mva"]}]}}}) == ["right_missing"]
	_reasons({"systemUser": {"has": {"rights": [{"action": "read", "resources": ["mva"]}]}}}) == ["granted"]
}

test_packages_give_all_of_their_services if {
	has := {"systemUser": {"has": {"rights": [], "packages": ["p"]}}}
	assignable := _changed(_package, {"assignable": true})
	_reasons(_changed(has, {"packages": {"p": assignable}})) == ["granted"]
	_reasons(_changed(has, {"packages": {"p": _package}})) == ["relation_missing"]
	_reasons(_changed(has, {"packages": {"p": _changed(assignable, {"resources": []})}})) == ["right_missing"]
	_reasons(has) == ["relation_missing", "right_missing"]
}

test_reasons_come_most_telling_first if {
	_reasons({
		"systemUser": {"deactivated": true, "has": {"rights": []}},
		"resource": {"delegable": false},
	}) == ["system_user_deactivated", "resource_not_for_system_users", "right_missing"]
}
