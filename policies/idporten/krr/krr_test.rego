package idporten.krr_test

import data.idporten.krr

_time := "2026-11-27T12:00:00.000Z"

_machine := {"kind": "machine", "consumer": "910000000", "clientId": "c", "scopes": ["krr:global/kontaktinformasjon.read"]}

_person := {"kind": "person", "brukerId": "me", "clientId": "c", "acr": "idporten-loa-substantial", "scopes": ["krr:user/digitalpost.read"]}

_asked(caller, action, subjects) := answer if {
	answer := krr.may_ask with input as {
		"caller": caller,
		"action": {"name": action},
		"subjects": subjects,
		"context": {"time": _time},
	}
}

_with(caller, change) := object.union(caller, change)

test_scopes_say_which_fields if {
	cases := [
		{"scopes": ["krr:global/kontaktinformasjon.read"], "fields": ["contact"]},
		{"scopes": ["krr:global/digitalpost.read", "openid"], "fields": ["mailbox"]},
		{"scopes": ["krr:global/postkasse.read", "krr:global/kontaktinfo.read"], "fields": ["contact", "mailbox"]},
	]
	every case in cases {
		_asked(_with(_machine, {"scopes": case.scopes}), "person.list", ["a", "b"]) == {"allowed": true, "reasons": [], "fields": case.fields}
	}
	_asked(_person, "person.read", ["me"]).fields == ["mailbox"]
	_asked(_with(_person, {"scopes": ["krr:user/kontaktinformasjon.read"]}), "person.read", ["me"]).fields == ["contact"]
	_asked(_with(_person, {"scopes": ["krr:user/spraak.write"]}), "language.change", ["me"]).allowed
}

test_the_operator_keeps_the_register if {
	every action in ["register.import", "register.show", "register.status", "mailbox-provider.put"] {
		_asked({"kind": "operator"}, action, ["a"]) == {"allowed": true, "reasons": [], "fields": ["contact", "mailbox"]}
		_asked(_machine, action, ["a"]).reasons == ["operator_needed"]
		_asked(_person, action, ["me"]).reasons == ["operator_needed"]
	}
}

test_who_may_not_is_told_why if {
	cases := [
		{"caller": _with(_machine, {"scopes": ["krr:user/kontaktinformasjon.read"]}), "action": "person.list", "reasons": ["scope_missing"]},
		{"caller": _with(_machine, {"scopes": []}), "action": "person.list", "reasons": ["scope_missing"]},
		{"caller": _machine, "action": "person.read", "reasons": ["person_needed"]},
		{"caller": _person, "action": "person.list", "reasons": ["machine_needed"]},
		{"caller": _with(_person, {"acr": "idporten-loa-low"}), "action": "person.read", "reasons": ["security_level_too_low"]},
		{"caller": object.remove(_person, ["acr"]), "action": "person.read", "reasons": ["security_level_too_low"]},
		{"caller": _with(_person, {"brukerId": "another"}), "action": "person.read", "reasons": ["subject_foreign"]},
		{"caller": _person, "action": "language.change", "reasons": ["scope_missing"]},
		{"caller": _with(_machine, {"kind": "anonymous"}), "action": "person.list", "reasons": ["caller_unknown", "machine_needed", "scope_missing"]},
		{"caller": {"kind": "operator"}, "action": "other", "reasons": ["action_unknown", "scope_missing"]},
		{"caller": null, "action": "person.read", "reasons": ["caller_unknown", "person_needed", "scope_missing"]},
	]
	every case in cases {
		_asked(case.caller, case.action, ["me"]) == {"allowed": false, "reasons": case.reasons, "fields": []}
	}
}

test_of_several_a_person_is_told_nothing if {
	_asked(_person, "person.read", ["me", "me"]).reasons == ["subject_foreign"]
	_asked(_person, "person.read", []).reasons == ["subject_foreign"]
	_asked(object.remove(_person, ["brukerId"]), "person.read", ["me"]).reasons == ["subject_foreign"]
}

test_without_an_instant_there_is_no_answer if {
	not krr.may_ask with input as {"caller": _machine, "action": {"name": "person.list"}, "context": {"time": "now"}}
}
