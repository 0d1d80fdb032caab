package tilgang.admin_test

import data.tilgang.admin

_now := "2026-11-21T12:00:00.000Z"

_later := "2026-11-21T12:00:00.001Z"

_grant := {
	"application": "a",
	"state": "active",
	"activated": true,
	"subject": "other",
	"roles": ["use"],
	"knownRoles": ["use", "admin"],
	"until": "2027-01-01T00:00:00.000Z",
	"days": 41,
}

# An organisasjonsadministrator of an organisation that is both tilbyder and konsument, before an active application of its own.
_question := {
	"caller": {"kind": "person", "brukerId": "me", "acr": "idporten-loa-high"},
	"action": {"name": "grant.give"},
	"organisation": {"orgnr": "910000000", "mayBeTilbyder": true, "mayBeKonsument": true, "closed": null},
	"subject": {"synthetic": true},
	"settings": {"fourEyes": false},
	"assignments": [{"roles": ["organisasjonsadministrator"]}],
	"concernsApplication": false,
	"application": {"id": "a", "tilbyder": "910000000", "state": "active", "roles": ["use"], "activated": true},
	"grants": [_grant],
	"administrator": {"subject": "other", "roles": ["tilgangsadministrator"]},
	"standing": [{"roles": ["organisasjonsadministrator"]}],
	"remaining": [{"roles": ["organisasjonsadministrator"]}],
	"staff": _staff,
	"pending": {"askedBy": "asker", "until": _later},
	"context": {"time": _now},
}

_staff := [_one("me", {}), _one("asker", {})]

_one(subject, change) := object.union(
	{"subject": subject, "roles": ["organisasjonsadministrator"], "givenBy": "somebody", "daysBefore": 14},
	change,
)

_machine := {
	"kind": "machine",
	"consumer": "910000000",
	"supplier": "910000001",
	"scopes": ["ks:fiks.konsument", "ks:fiks.tilbyder"],
}

_with(change) := object.union(_question, change)

_of_machine(change) := object.union(object.remove(_question, ["caller", "assignments"]), object.union({"caller": _machine}, change))

_act(name) := {"action": {"name": name}}

_assigned(assignments) := {"assignments": assignments}

_allowed(answer) := object.union(
	{
		"allowed": true,
		"reasons": [],
		"grants": [],
		"organisations": [],
		"shown": [],
		"applications": null,
		"held": null,
		"settings": null,
		"needsTwo": false,
		"strands": false,
	},
	answer,
)

_denied(reasons) := {
	"allowed": false,
	"reasons": reasons,
	"grants": [],
	"organisations": [],
	"shown": [],
	"applications": [],
	"held": null,
	"settings": null,
	"needsTwo": false,
	"strands": false,
}

_tilbyder_acts := {
	"application.register", "application.list", "application.read", "application.change", "application.try",
	"application.konsumenter", "bundle.activate", "bundle.approve", "bundle.compare", "bundle.deactivate", "bundle.demand", "bundle.list", "bundle.push", "bundle.read",
	"bundle.rollback", "bundle.shadow", "bundle.status", "logo.set", "policy-key.list", "policy-key.put", "policy-key.revoke",
}

_konsument_acts := {
	"organisation.read", "offer.list", "activation.read", "activation.activate", "activation.deactivate", "grant.list",
	"grant.read", "grant.give", "grant.change", "grant.withdraw", "grant.import", "grant.export", "person.look_up",
	"person.remove", "administrator.list", "administrator.appoint", "administrator.change", "administrator.remove",
	"settings.read", "settings.change", "settings.confirm", "settings.reject", "event.list",
}

_acts_of := {
	"organisasjonsadministrator": (_tilbyder_acts | _konsument_acts),
	"applikasjonsadministrator": (_tilbyder_acts | {
		"organisation.read", "offer.list", "activation.read", "activation.activate", "activation.deactivate",
		"settings.read", "event.list", "administrator.list",
	}),
	"tilgangsadministrator": {
		"organisation.read", "offer.list", "activation.read", "grant.list", "grant.read", "grant.give", "grant.change",
		"grant.withdraw", "grant.import", "grant.export", "person.look_up", "person.remove", "settings.read",
		"event.list", "administrator.list",
	},
	"somebody": set(),
}

_for_persons := {"administrator.appoint", "administrator.change", "administrator.remove", "settings.change", "settings.confirm", "settings.reject"}

test_each_admin_role_permits_its_acts_and_no_other if {
	every role, acts in _acts_of {
		every act in _tilbyder_acts | _konsument_acts {
			answer := admin.evaluate with input as _with(object.union(_act(act), _assigned([{"roles": [role]}])))
			permitted := act in acts
			answer.allowed == permitted
			answer.reasons == {true: [], false: ["role_missing"]}[permitted]
		}
	}
}

test_a_machine_needs_the_scope_of_the_side if {
	every act in (_tilbyder_acts | _konsument_acts) - _for_persons {
		scope := {true: "ks:fiks.tilbyder", false: "ks:fiks.konsument"}[act in _tilbyder_acts]
		right := _of_machine(object.union(_act(act), {"caller": {"scopes": [scope]}}))
		admin.evaluate.allowed with input as right
		every scopes in [["ks:fiks", "ks:fiks.andre", upper(scope)], [], null, [sc | some sc in ["ks:fiks.tilbyder", "ks:fiks.konsument"]; sc != scope]] {
			wrong := _of_machine(object.union(_act(act), {"caller": {"scopes": scopes}}))
			admin.evaluate == _denied(["scope_missing"]) with input as wrong
		}
	}
}

test_some_acts_need_a_person if {
	every act in _for_persons {
		admin.evaluate == _denied(["person_needed"]) with input as _of_machine(_act(act))
	}
	without_scope := object.union(_act("settings.change"), {"caller": {"scopes": []}})
	admin.evaluate == _denied(["scope_missing", "person_needed"]) with input as _of_machine(without_scope)
}

test_the_logo_is_for_everybody_once_the_application_is_no_draft if {
	every caller in [{"kind": "anonymous"}, _machine, _question.caller] {
		question := object.union(object.remove(_question, ["caller", "grants", "organisation"]), {"caller": caller, "action": {"name": "logo.read"}})
		every state in ["active", "retired"] {
			admin.evaluate == _allowed({}) with input as object.union(question, {"application": {"state": state}})
		}
		every state in ["draft", null, 5, ""] {
			admin.evaluate == _denied(["application_unknown"]) with input as object.union(question, {"application": {"state": state}})
		}
		admin.evaluate == _denied(["application_unknown"]) with input as object.remove(question, ["application"])
	}
}

test_the_caller_and_the_organisation_come_first_and_alone if {
	cases := [
		{"question": _with({"action": {"name": "grant.steal"}, "caller": {"kind": "anonymous"}}), "reasons": ["action_unknown"]},
		{"question": object.remove(_question, ["action"]), "reasons": ["action_unknown"]},
		{"question": _with({"caller": {"kind": "anonymous"}}), "reasons": ["caller_unknown"]},
		{"question": object.remove(_question, ["caller", "organisation"]), "reasons": ["caller_unknown"]},
		{"question": _with({"caller": {"acr": "Level3"}, "organisation": null}), "reasons": ["security_level_too_low"]},
		{"question": _with({"caller": {"acr": null}}), "reasons": ["security_level_too_low"]},
		{"question": object.remove(_question, ["organisation", "assignments"]), "reasons": ["organisation_unknown"]},
		{"question": _with({"organisation": {"orgnr": null}}), "reasons": ["organisation_unknown"]},
		{"question": object.remove(_question, ["assignments", "application"]), "reasons": ["organisation_foreign"]},
		{"question": _with({"assignments": [], "organisation": {"mayBeKonsument": false}}), "reasons": ["organisation_foreign"]},
		{"question": _of_machine({"caller": {"consumer": "910000001"}}), "reasons": ["organisation_foreign"]},
		{"question": _of_machine({"caller": {"consumer": "910000001", "supplier": "910000000"}}), "reasons": ["organisation_foreign"]},
		{"question": _of_machine({"caller": {"consumer": null}, "organisation": {"orgnr": null}}), "reasons": ["organisation_unknown"]},
	]
	every case in cases {
		admin.evaluate == _denied(case.reasons) with input as case.question
	}
}

test_level4_is_high_enough if admin.evaluate.allowed with input as _with({"caller": {"acr": "Level4"}})

test_only_assignments_in_force_count if {
	every change in [{"from": _now}, {"until": _later}, {"from": _now, "until": _later}] {
		question := _with(object.union(_act("organisation.read"), _assigned([object.union(_question.assignments[0], change)])))
		admin.evaluate.allowed with input as question
	}
	every change in [
		{"from": _later}, {"until": _now}, {"withdrawn": {"at": _now, "by": "operator"}}, {"withdrawn": null},
		{"from": null}, {"until": ""}, {"until": 5},
	] {
		question := _with(_assigned([object.union(_question.assignments[0], change)]))
		admin.evaluate == _denied(["organisation_foreign"]) with input as question
	}
	every assignment in [null, 5, "", []] {
		admin.evaluate == _denied(["organisation_foreign"]) with input as _with(_assigned([assignment]))
	}
	admin.evaluate == _denied(["role_missing"]) with input as _with(_assigned([{}]))
}

test_the_side_matters_for_changes_only if {
	question := _with({"organisation": {"mayBeTilbyder": false, "mayBeKonsument": false}})
	denied := {
		"activation.activate": ["organisation_not_konsument"],
		"administrator.appoint": ["organisation_not_konsument"],
		"application.change": ["organisation_not_tilbyder"],
		"application.register": ["organisation_not_tilbyder"],
		"bundle.activate": ["organisation_not_tilbyder"],
		"bundle.push": ["organisation_not_tilbyder"],
		"bundle.shadow": ["organisation_not_tilbyder"],
		"grant.change": ["organisation_not_konsument"],
		"grant.give": ["organisation_not_konsument"],
		"grant.import": ["organisation_not_konsument"],
		"logo.set": ["organisation_not_tilbyder"],
		"policy-key.put": ["organisation_not_tilbyder"],
	}
	every act in _tilbyder_acts | _konsument_acts {
		admin.evaluate.reasons == object.get(denied, act, []) with input as object.union(question, _act(act))
	}
	tilbyder := object.union(_act("administrator.appoint"), {"organisation": {"mayBeKonsument": false}})
	admin.evaluate.allowed with input as _with(tilbyder)
}

test_the_application_must_be_known_own_and_within_reach if {
	limited := {"roles": ["organisasjonsadministrator"], "applications": ["b"]}
	cases := [
		{"act": "application.read", "change": {"application": null}, "reasons": ["application_unknown"]},
		{"act": "application.read", "change": {"application": {"tilbyder": "910000001"}}, "reasons": ["application_foreign"]},
		{"act": "application.read", "change": _assigned([limited]), "reasons": ["application_outside"]},
		{"act": "grant.list", "change": {"application": null}, "reasons": ["application_unknown"]},
		{"act": "grant.list", "change": {"application": {"tilbyder": "910000001"}}, "reasons": []},
		{"act": "grant.list", "change": _assigned([limited]), "reasons": ["application_outside"]},
		{"act": "grant.list", "change": _assigned([limited, object.union(limited, {"applications": ["a"]})]), "reasons": []},
		{"act": "grant.list", "change": _assigned([object.union(limited, {"applications": null})]), "reasons": ["application_outside"]},
		# A foreign application shows no more than an unknown one: not its state, not whether it is in reach.
		{
			"act": "application.change",
			"change": {"application": {"tilbyder": "910000001", "state": "retired"}, "assignments": [limited]},
			"reasons": ["application_foreign"],
		},
		{"act": "application.change", "change": {"application": null, "assignments": [limited]}, "reasons": ["application_unknown"]},
		# An assignment that does not permit the act does not cover either.
		{
			"act": "grant.list",
			"change": _assigned([object.union(limited, {"applications": ["a"], "roles": ["applikasjonsadministrator"]}), limited]),
			"reasons": ["application_outside"],
		},
		{"act": "grant.list", "change": _assigned([{"roles": ["applikasjonsadministrator"], "applications": ["b"]}]), "reasons": ["role_missing"]},
	]
	every case in cases {
		every concerns in [true, null, 5] {
			question := object.union(_with(object.union(_act(case.act), case.change)), {"concernsApplication": concerns})
			admin.evaluate.reasons == case.reasons with input as question
		}
	}
}

test_acts_on_an_application_look_at_it_whatever_the_question_says if {
	every act in [
		"activation.activate", "application.change", "application.try", "bundle.activate", "bundle.push", "bundle.shadow", "logo.set",
	] {
		admin.evaluate.reasons == ["application_unknown"] with input as _with(object.union(_act(act), {"application": null}))
	}
}

test_the_states_of_an_application if {
	cases := [
		{"name": "activation.activate", "allowed": {"active"}, "slug": "application_not_active"},
		{"name": "application.change", "allowed": {"draft", "active"}, "slug": "application_retired"},
		{"name": "application.try", "allowed": {"draft", "active"}, "slug": "application_retired"},
		{"name": "logo.set", "allowed": {"draft", "active"}, "slug": "application_retired"},
	]
	every case in cases {
		every state in ["draft", "active", "retired", null, ""] {
			reasons := {true: [], false: [case.slug]}[state in case.allowed]
			admin.evaluate.reasons == reasons with input as _with(object.union(_act(case.name), {"application": {"state": state}}))
		}
	}
}

test_the_moves_between_states if {
	allowed := {["draft", "draft"], ["draft", "active"], ["draft", "retired"], ["active", "active"], ["active", "retired"], ["retired", "retired"]}
	every state in ["draft", "active", "retired"] {
		every to in ["draft", "active", "retired", "x", null, 5] {
			retired := {slug | state == "retired"; slug := "application_retired"}
			moves := {slug | not [state, to] in allowed; slug := "transition_not_allowed"}
			question := _with({"action": {"name": "application.change", "to": to}, "application": {"state": state}})
			admin.evaluate.reasons == [slug | some slug in ["transition_not_allowed", "application_retired"]; slug in (retired | moves)] with input as question
		}
	}
}

test_applications_are_what_the_caller_is_limited_to if {
	roles := ["organisasjonsadministrator"]
	cases := [
		{"assignments": [{"roles": roles}], "applications": null},
		{"assignments": [{"roles": roles, "applications": ["b", "a"]}, {"roles": roles, "applications": ["c", "a"]}], "applications": ["a", "b", "c"]},
		{"assignments": [{"roles": roles, "applications": ["a"]}, {"roles": roles}], "applications": null},
		{"assignments": [{"roles": roles, "applications": ["a"]}, {"roles": ["applikasjonsadministrator"]}], "applications": ["a"]},
		{"assignments": [{"roles": roles, "applications": ["a"]}, {"roles": roles, "until": _now}], "applications": ["a"]},
		{"assignments": [{"roles": roles, "applications": null}], "applications": []},
	]
	every case in cases {
		question := _with(object.union(_act("grant.list"), _assigned(case.assignments)))
		admin.evaluate == _allowed({"grants": [[]], "applications": case.applications}) with input as question
	}
	admin.evaluate.applications == null with input as _of_machine({})
}

_grants_with(change, grants) := object.union(_with(change), {"grants": [object.union(_grant, grant) | some grant in grants]})

test_each_grant_is_judged_by_itself_and_in_order if {
	every act in ["grant.give", "grant.change", "grant.import"] {
		question := _grants_with(_act(act), [{"state": "draft"}, {}, {"state": "retired", "activated": false}, {"activated": null}])
		grants := [["application_not_active"], [], ["application_not_active", "application_not_activated"], ["application_not_activated"]]
		expected := _allowed({"grants": grants})
		admin.evaluate == expected with input as question
		machine := object.union(object.remove(question, ["caller", "assignments"]), {"caller": _machine})
		admin.evaluate == expected with input as machine
	}
	other := _grants_with(_act("grant.withdraw"), [{"state": "draft"}, {}])
	admin.evaluate.grants == [[], []] with input as other
	admin.evaluate.grants == [] with input as object.remove(_question, ["grants"])
}

test_one_assignment_must_reach_all_of_a_grant if {
	role := {"roles": ["tilgangsadministrator"]}
	cases := [
		{"assignments": [{"applications": ["b"]}], "grant": {}, "faults": ["application_outside"]},
		{"assignments": [{"applications": []}], "grant": {}, "faults": ["application_outside"]},
		{"assignments": [{"applications": null}], "grant": {}, "faults": ["application_outside"]},
		{"assignments": [{"applications": ["a"]}], "grant": {}, "faults": []},
		{"assignments": [{"mayGive": ["use"]}], "grant": {}, "faults": []},
		{"assignments": [{"mayGive": ["use"]}], "grant": {"roles": ["use", "admin"]}, "faults": ["roles_outside"]},
		{"assignments": [{"mayGive": "use"}], "grant": {}, "faults": ["roles_outside"]},
		{"assignments": [{"mayGive": ["use"]}, {"mayGive": ["admin"]}], "grant": {"roles": ["use", "admin"]}, "faults": ["roles_outside"]},
		{"assignments": [{"applications": ["b"]}, {"applications": ["a"], "mayGive": ["admin"]}], "grant": {}, "faults": ["roles_outside"]},
		{"assignments": [{"until": "2027-01-01T00:00:00.000Z"}], "grant": {}, "faults": []},
		{"assignments": [{"until": "2026-12-31T23:59:59.999Z"}], "grant": {}, "faults": ["longer_than_own"]},
		{"assignments": [{"until": _later}, {"until": "2028-01-01T00:00:00.000Z"}], "grant": {}, "faults": []},
		{"assignments": [{"until": _later}, {"mayGive": []}], "grant": {}, "faults": ["longer_than_own"]},
		{"assignments": [{}], "grant": {"until": null}, "faults": ["longer_than_own"]},
		{"assignments": [{}], "grant": {"until": "9999"}, "faults": ["longer_than_own"]},
		{"assignments": [{}], "grant": {"roles": "use"}, "faults": ["roles_outside", "role_unknown"]},
		{"assignments": [{}], "grant": {"application": null}, "faults": ["application_outside"]},
	]
	every case in cases {
		assignments := [object.union(role, assignment) | some assignment in case.assignments]
		admin.evaluate.grants == [case.faults] with input as _grants_with(_assigned(assignments), [case.grant])
	}
	endless := {"grants": [object.remove(_grant, ["until"])]}
	admin.evaluate.grants == [[]] with input as _with(endless)
	ending := object.union(endless, _assigned([object.union(role, {"until": "2030-01-01T00:00:00.000Z"})]))
	admin.evaluate.grants == [["longer_than_own"]] with input as _with(ending)
}

test_the_settings_limit_persons_and_machines if {
	cases := [
		{"settings": {"longestGrantDays": 41}, "faults": []},
		{"settings": {"longestGrantDays": 40}, "faults": ["longer_than_allowed"]},
		{"settings": {"longestGrantDays": null}, "faults": ["longer_than_allowed"]},
		{"settings": {"longestGrantDays": ""}, "faults": ["longer_than_allowed"]},
		{"settings": {"fourEyes": null}, "faults": ["longer_than_allowed"]},
		{"settings": null, "faults": []},
		{"settings": 5, "faults": ["longer_than_allowed"]},
	]
	every case in cases {
		admin.evaluate.grants == [case.faults] with input as _with({"settings": case.settings})
		admin.evaluate.grants == [case.faults] with input as _of_machine({"settings": case.settings})
	}
	admin.evaluate.grants == [["longer_than_allowed"]] with input as object.remove(_question, ["settings"])
	endless := {"settings": {"longestGrantDays": 40}, "grants": [object.remove(_grant, ["days"])]}
	admin.evaluate.grants == [["longer_than_allowed"]] with input as _with(endless)
	admin.evaluate.grants == [["longer_than_allowed"]] with input as _grants_with({"settings": {"longestGrantDays": 40}}, [{"days": null}])
}

test_four_eyes_keep_persons_from_giving_to_themselves if {
	every subject in ["me", "", null, 5] {
		question := _grants_with({"settings": {"fourEyes": true}}, [{"subject": subject}, {}])
		admin.evaluate.grants == [["self_grant"], []] with input as question
		nobody := object.union(question, {"caller": {"brukerId": null}})
		admin.evaluate.grants == [["self_grant"], ["self_grant"]] with input as nobody
		every four_eyes in [null, 5] {
			odd := object.union(question, {"settings": {"fourEyes": four_eyes}})
			admin.evaluate.grants == [["longer_than_allowed", "self_grant"], ["longer_than_allowed"]] with input as odd
		}
		admin.evaluate.grants == [[]] with input as _grants_with({}, [{"subject": subject}])
		machine := _of_machine({"settings": {"fourEyes": true}, "grants": [object.union(_grant, {"subject": subject})]})
		admin.evaluate.grants == [[]] with input as machine
	}
}

test_whom_one_appoints if {
	four_eyes := {"settings": {"fourEyes": true}}
	self := {"administrator": {"subject": "me"}}
	limited := _assigned([{
		"roles": ["organisasjonsadministrator"],
		"applications": ["a", "b"],
		"mayGive": ["use"],
		"until": "2030-01-01T00:00:00.000Z",
	}])
	within := {"applications": ["b"], "mayGive": ["use"], "until": "2030-01-01T00:00:00.000Z"}
	cases := [
		{"change": self, "reasons": []},
		{"change": four_eyes, "reasons": []},
		{"change": object.union(four_eyes, self), "reasons": ["self_grant"]},
		{"change": {"administrator": {"roles": []}}, "reasons": ["admin_role_unknown"]},
		{"change": {"administrator": {"roles": ["tilgangsadministrator", "king"]}}, "reasons": ["admin_role_unknown"]},
		{"change": {"administrator": {"roles": "tilgangsadministrator"}}, "reasons": ["admin_role_unknown"]},
		{"change": {"administrator": null}, "reasons": ["admin_role_unknown"]},
		{"change": {"administrator": {"until": 5}}, "reasons": ["longer_than_own"]},
		{"change": {"administrator": {"applications": null}}, "reasons": ["application_outside"]},
		{"change": {"administrator": {"mayGive": null}}, "reasons": ["roles_outside"]},
		{"change": limited, "reasons": ["application_outside"]},
		{"change": object.union(limited, {"administrator": object.remove(within, ["mayGive"])}), "reasons": ["roles_outside"]},
		{"change": object.union(limited, {"administrator": object.remove(within, ["until"])}), "reasons": ["longer_than_own"]},
		{"change": object.union(limited, {"administrator": within}), "reasons": []},
		{"change": _assigned([{"roles": ["tilgangsadministrator"]}]), "reasons": ["role_missing"]},
	]
	every case in cases {
		every act in ["administrator.appoint", "administrator.change"] {
			admin.evaluate.reasons == case.reasons with input as _with(object.union(case.change, _act(act)))
		}
	}
	admin.evaluate.allowed with input as _with(object.union(object.union(four_eyes, self), _act("administrator.remove")))
}

test_the_last_organisasjonsadministrator_stays if {
	role := {"roles": ["organisasjonsadministrator"]}
	cases := [
		{"remaining": [{"roles": ["tilgangsadministrator"]}, role], "reasons": []},
		{"remaining": [], "reasons": ["last_administrator"]},
		{"remaining": null, "reasons": ["last_administrator"]},
		{"remaining": [{"roles": ["tilgangsadministrator"]}], "reasons": ["last_administrator"]},
		{"remaining": [object.union(role, {"until": _now})], "reasons": ["last_administrator"]},
		{"remaining": [object.union(role, {"from": _later})], "reasons": ["last_administrator"]},
		{"remaining": [object.union(role, {"withdrawn": null})], "reasons": ["last_administrator"]},
	]
	every case in cases {
		every act in ["administrator.change", "administrator.remove"] {
			admin.evaluate.reasons == case.reasons with input as _with(object.union(_act(act), {"remaining": case.remaining}))
		}
	}
}

test_the_last_organisasjonsadministrator_stays_as_long_as_somebody_did if {
	role := {"roles": ["organisasjonsadministrator"]}
	soon := object.union(role, {"until": _later})
	late := object.union(role, {"until": "2027-01-01T00:00:00.000Z"})
	then := object.union(role, {"from": _later})
	gone := object.union(role, {"withdrawn": {"at": _now, "by": "operator"}})
	cases := [
		{"standing": [soon, late], "remaining": [late], "reasons": []},
		{"standing": [soon, late], "remaining": [soon], "reasons": ["last_administrator"]},
		{"standing": [role], "remaining": [late], "reasons": ["last_administrator"]},
		{"standing": null, "remaining": [role], "reasons": ["last_administrator"]},
		{"standing": [role], "remaining": [soon, then], "reasons": []},
		{"standing": [soon, then], "remaining": [soon], "reasons": ["last_administrator"]},
		{"standing": [soon, late], "remaining": [soon, gone], "reasons": ["last_administrator"]},
		{"standing": [gone], "remaining": [gone], "reasons": []},
		{"standing": [late], "remaining": [object.union(role, {"from": 5})], "reasons": ["last_administrator"]},
	]
	every case in cases {
		question := object.union(_act("administrator.remove"), {"standing": case.standing, "remaining": case.remaining})
		admin.evaluate.reasons == case.reasons with input as _with(question)
	}
}

test_whatever_limits_the_last_organisasjonsadministrator_is_refused if {
	role := {"roles": ["organisasjonsadministrator"]}
	limits := [
		{"mayGive": ["use"]}, {"mayGive": []}, {"mayGive": null}, {"applications": ["a"]}, {"applications": null},
		{"from": _later}, {"from": ""}, {"until": "2027-01-01T00:00:00.000Z"}, {"until": 5},
		{"roles": ["tilgangsadministrator"]}, {"roles": []}, {"withdrawn": {"at": _now, "by": "me"}}, {"withdrawn": false},
	]
	every limit in limits {
		limited := object.union(role, limit)
		alone := object.union(_act("administrator.change"), {"standing": [role], "remaining": [limited]})
		admin.evaluate.reasons == ["last_administrator"] with input as _with(alone)
		with_another := object.union(alone, {"standing": [role, role], "remaining": [limited, role]})
		admin.evaluate.reasons == [] with input as _with(with_another)
	}
}

test_one_of_an_odd_shape_is_missed_if_it_goes if {
	role := {"roles": ["organisasjonsadministrator"]}
	oddities := [
		{"mayGive": null}, {"applications": 5}, {"from": ""}, {"until": null}, {"roles": null}, {"roles": ["king"]},
		{"withdrawn": null}, {"withdrawn": {}}, {"withdrawn": {"at": _now}},
	]
	every odd in oddities {
		question := object.union(_act("administrator.remove"), {"standing": [object.union(role, odd)], "remaining": []})
		admin.evaluate.reasons == ["last_administrator"] with input as _with(question)
	}
}

test_whoever_is_limited_reaches_nobody_who_is_not if {
	limited := {"roles": ["organisasjonsadministrator"], "applications": ["a"]}
	cases := [
		{"held": {"roles": ["tilgangsadministrator"]}, "reasons": ["application_outside"]},
		{"held": {"roles": ["tilgangsadministrator"], "applications": ["a"]}, "reasons": []},
	]
	every case in cases {
		question := object.union(_act("administrator.remove"), {"assignments": [limited], "administrator": null, "held": case.held})
		admin.evaluate.reasons == case.reasons with input as object.remove(_with(question), ["administrator"])
	}
	lasting := _with(object.union(_act("administrator.remove"), {"remaining": [limited]}))
	admin.evaluate.reasons == ["last_administrator"] with input as lasting
	every act in ["settings.change", "settings.confirm", "settings.reject"] {
		settings := _with(object.union(_act(act), {"assignments": [limited]}))
		admin.evaluate.reasons == ["application_outside"] with input as object.remove(settings, ["administrator"])
	}
}

test_a_draft_is_nobodys_but_its_tilbyders if {
	foreign := {"application": {"tilbyder": "910000001", "state": "draft"}}
	every act in ["activation.read", "activation.activate"] {
		admin.evaluate.reasons == ["application_unknown"] with input as _with(object.union(_act(act), object.union(foreign, {"concernsApplication": true})))
	}
	read := _with(object.union(_act("application.read"), object.union(foreign, {"concernsApplication": true})))
	admin.evaluate.reasons == ["application_foreign"] with input as read
	own := {"application": {"state": "draft"}}
	admin.evaluate.reasons == ["application_not_active"] with input as _with(object.union(_act("activation.activate"), own))
}

test_a_new_application_is_within_no_limit if {
	limited := {"roles": ["applikasjonsadministrator"], "applications": ["a"]}
	every act in ["application.register", "policy-key.put", "policy-key.revoke"] {
		question := object.union(_act(act), _assigned([limited]))
		admin.evaluate.reasons == ["application_outside"] with input as _with(question)
	}
}

test_everything_in_the_way_of_an_act_comes_together if {
	change := {
		"action": {"name": "application.change", "to": "draft"},
		"organisation": {"mayBeTilbyder": false},
		"application": {"state": "retired"},
		"assignments": [{"roles": ["tilgangsadministrator"]}],
	}
	reasons := ["role_missing", "organisation_not_tilbyder", "transition_not_allowed", "application_retired"]
	admin.evaluate == _denied(reasons) with input as _with(change)
}

test_without_an_instant_or_a_list_of_grants_there_is_no_answer if {
	every time in [null, "", "2026-11-21", 0] {
		not admin.evaluate with input as _with({"context": {"time": time}})
	}
	every grants in [null, 5, "", {}] {
		not admin.evaluate with input as _with({"grants": grants})
	}
}
