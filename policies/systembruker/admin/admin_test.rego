package systembruker.admin_test

import data.systembruker.admin

_now := "2026-11-27T12:00:00.000Z"

_later := "2026-11-27T12:00:00.001Z"

_here := "910000000"

_there := "910000001"

_object := {"exists": true, "owner": _here, "vendor": _here, "party": _here}

_machine(scopes) := {"kind": "machine", "consumer": _here, "clientId": "c", "scopes": scopes}

_person := {
	"kind": "person",
	"brukerId": "me",
	"acr": "idporten-loa-substantial",
	"clientId": "c",
	"scopes": ["altinn:portal/enduser"],
}

_citizen := {"kind": "citizen", "brukerId": "me", "acr": "idporten-loa-high"}

_operator := {"kind": "operator"}

_assignment := {"roles": ["tilgangsstyrer"]}

_asked(name, caller, more) := object.union(
	{
		"caller": caller,
		"action": {"name": name},
		"organisation": {"orgnr": _here, "closed": false},
		"assignments": [_assignment],
		"object": _object,
		"context": {"time": _now},
	},
	more,
)

_allowed := {"allowed": true, "reasons": []}

_denied(reasons) := {"allowed": false, "reasons": reasons}

_rows := {
	"browsing": {"system.list-visible", "system.read"},
	"keeping resources": {"resource.put", "resource.remove"},
	"keeping systems": {
		"system-user.list-of-system", "system.change", "system.changelog", "system.create", "system.delete", "system.list-own",
		"system.read-own", "webhook.put", "webhook.read", "webhook.remove",
	},
	"requesting": {
		"change-request.create", "change-request.withdraw", "request.create", "request.withdraw", "system-user.find",
		"system-user.give-back",
	},
	"reading requests": {"change-request.list", "change-request.read", "feed.read", "request.list", "request.read"},
	"opening": {"change-request.open", "request.escalate", "request.open"},
	"answering": {
		"change-request.approve", "change-request.list-pending", "change-request.reject", "own-system.change", "own-system.create", "request.approve",
		"request.list-pending",
		"request.reject", "system-user.activate", "system-user.change", "system-user.create", "system-user.deactivate",
		"system-user.delete", "system-user.list", "system-user.move", "system-user.read",
	},
	"giving packages": {"client-relation.give", "client-relation.list", "client-relation.withdraw"},
	"seeing clients": {"agent-client.list"},
	"keeping clients": {"agent-client.add", "agent-client.remove"},
	"looking up": {"system-user.look-up"},
}

_machine_scopes := {
	"browsing": {
		"altinn:authentication/systemregister.admin", "altinn:authentication/systemregister.write",
		"altinn:authentication/systemuser.request.read", "altinn:authentication/systemuser.request.write",
	},
	"keeping resources": {"altinn:resourceregistry/resource.write"},
	"keeping systems": {"altinn:authentication/systemregister.admin", "altinn:authentication/systemregister.write"},
	"requesting": {"altinn:authentication/systemuser.request.write"},
	"reading requests": {
		"altinn:authentication/systemuser.request.read",
		"altinn:authentication/systemuser.request.write",
	},
	"looking up": {"altinn:maskinporten/systemuser.read"},
}

_person_scopes := {
	"browsing": {"altinn:portal/enduser"},
	"opening": {"altinn:portal/enduser"},
	"answering": {"altinn:portal/enduser"},
	"giving packages": {"altinn:portal/enduser"},
	"seeing clients": {"altinn:clientdelegations.read", "altinn:clientdelegations.write", "altinn:portal/enduser"},
	"keeping clients": {"altinn:clientdelegations.write", "altinn:portal/enduser"},
}

_all_scopes := union({scopes | some scopes in _machine_scopes}) | union({scopes | some scopes in _person_scopes})

_no_scopes := [[], null, ["altinn:authentication/systemregister", "ALTINN:PORTAL/ENDUSER", "altinn:portal/enduser "]]

_open := {"package.list", "package.read", "resource.list", "resource.read"}

_operating := {"client-relation.import", "package.put"}

_acts := union({acts | some acts in _rows})

test_threat_32_each_scope_lets_machines_do_its_rows_and_no_other if {
	every row, acts in _rows {
		every act in acts {
			every scope in _all_scopes {
				reasons := {true: [], false: ["scope_missing"]}[scope in object.get(_machine_scopes, row, _all_scopes)]
				told := {true: reasons, false: ["person_needed"]}[row in object.keys(_machine_scopes)]
				admin.evaluate.reasons == told with input as _asked(act, _machine([scope]), {})
			}
			every scopes in _no_scopes {
				not admin.evaluate.allowed with input as _asked(act, _machine(scopes), {})
			}
		}
	}
}

test_threat_32_each_scope_lets_persons_do_its_rows_and_no_other if {
	every row, acts in _rows {
		every act in acts {
			every scope in _all_scopes {
				reasons := {true: [], false: ["scope_missing"]}[scope in object.get(_person_scopes, row, _all_scopes)]
				told := {true: reasons, false: ["machine_needed"]}[row in object.keys(_person_scopes)]
				admin.evaluate.reasons == told with input as _asked(act, object.union(_person, {"scopes": [scope]}), {})
			}
			every scopes in _no_scopes {
				not admin.evaluate.allowed with input as _asked(act, object.union(_person, {"scopes": scopes}), {})
			}
			told_citizen := {true: [], false: ["machine_needed"]}[row in object.keys(_person_scopes)]
			admin.evaluate.reasons == told_citizen with input as _asked(act, _citizen, {})
		}
	}
}

test_some_acts_are_open_to_everybody if {
	every act in _open {
		every caller in [{"kind": "anonymous"}, _machine([]), _person, _operator] {
			admin.evaluate == _allowed with input as {"caller": caller, "action": {"name": act}, "context": {"time": _now}}
		}
	}
}

test_the_operator_may_do_everything_and_operating_alone if {
	every act in _acts | _operating {
		admin.evaluate == _allowed with input as _asked(act, _operator, {})
	}
	every act in _acts {
		foreign := {"vendor": _there, "party": _there, "owner": _there}
		question := _asked(act, _operator, {"object": foreign, "organisation": {"closed": true}})
		admin.evaluate == _allowed with input as question
	}
	every act in _operating {
		every caller in [_machine(_all_scopes), _person, _citizen] {
			admin.evaluate == _denied(["operator_needed"]) with input as _asked(act, caller, {})
		}
	}
}

test_which_role_a_person_needs if {
	every row in ["answering", "giving packages", "keeping clients", "opening", "seeing clients"] {
		every act in _rows[row] {
			every role in ["tilgangsstyrer", "organisasjonsadministrator"] {
				admin.evaluate == _allowed with input as _asked(act, _citizen, {"assignments": [{"roles": [role]}]})
			}
			clients := {true: [], false: ["role_missing"]}[row in {"keeping clients", "opening", "seeing clients"}]
			admin.evaluate.reasons == clients with input as _asked(act, _citizen, {"assignments": [{"roles": ["klientadministrator"]}]})
			any := {true: [], false: ["role_missing"]}[row == "opening"]
			every role in ["tilgangsadministrator", "applikasjonsadministrator", null] {
				admin.evaluate.reasons == any with input as _asked(act, _citizen, {"assignments": [{"roles": [role]}]})
			}
			every limits in [{"applications": ["a"]}, {"applications": []}, {"mayGive": []}] {
				question := _asked(act, _citizen, {"assignments": [object.union(_assignment, limits)]})
				admin.evaluate.reasons == any with input as question
			}
			every ended in [{"until": _now}, {"from": _later}, {"from": null}, {"withdrawn": null}] {
				question := _asked(act, _citizen, {"assignments": [object.union(_assignment, ended)]})
				admin.evaluate == _denied(["organisation_foreign"]) with input as question
			}
			every assignments in [null, [], [null, 5, "x"], {}] {
				admin.evaluate == _denied(["organisation_foreign"]) with input as _asked(act, _citizen, {"assignments": assignments})
			}
		}
	}
}

test_systems_are_shown_to_whoever_is_logged_in if {
	every act in _rows.browsing {
		every caller in [_person, _citizen] {
			question := object.remove(_asked(act, caller, {}), ["organisation", "assignments", "object"])
			admin.evaluate == _allowed with input as question
		}
		admin.evaluate == _denied(["caller_unknown"]) with input as _asked(act, {"kind": "anonymous"}, {})
	}
}

test_a_log_in_of_level_substantial_is_enough_and_a_lower_one_is_not if {
	every act in _rows.answering {
		every acr in ["idporten-loa-high", "idporten-loa-substantial", "Level3", "Level4"] {
			admin.evaluate == _allowed with input as _asked(act, object.union(_citizen, {"acr": acr}), {})
		}
		every acr in ["idporten-loa-low", "Level2", null, ""] {
			admin.evaluate == _denied(["security_level_too_low"]) with input as _asked(act, object.union(_citizen, {"acr": acr}), {})
		}
		admin.evaluate == _denied(["security_level_too_low"]) with input as _asked(act, object.remove(_citizen, ["acr"]), {})
	}
}

test_caller_and_organisation_come_first_and_alone if {
	writing := _machine(["altinn:authentication/systemregister.write"])
	foreign := {"object": {"vendor": _there, "exists": false}}
	cases := [
		{"question": _asked("system.steal", {"kind": "anonymous"}, {}), "reasons": ["action_unknown"]},
		{"question": object.remove(_asked("system.change", writing, {}), ["action"]), "reasons": ["action_unknown"]},
		{"question": _asked("system.change", {"kind": "anonymous"}, foreign), "reasons": ["caller_unknown"]},
		{"question": object.remove(_asked("system.change", writing, {}), ["caller", "organisation"]), "reasons": ["caller_unknown"]},
		{"question": _asked("system.change", _machine([]), foreign), "reasons": ["scope_missing"]},
		{"question": _asked("system.change", object.union(writing, {"supplier": _there}), foreign), "reasons": ["supplier_unfit"]},
		{"question": _asked("system.list-own", object.union(writing, {"supplier": null}), {}), "reasons": ["supplier_unfit"]},
		{"question": _asked("system.change", writing, object.union(foreign, {"organisation": {"orgnr": _there}})), "reasons": ["organisation_foreign"]},
		{"question": object.remove(_asked("system.change", writing, foreign), ["organisation"]), "reasons": ["organisation_unknown", "organisation_foreign", "organisation_closed"]},
		{"question": _asked("system.change", writing, object.union(foreign, {"organisation": {"closed": true}})), "reasons": ["organisation_closed"]},
		{"question": _asked("system.change", writing, object.union(foreign, {"organisation": {"closed": null}})), "reasons": ["organisation_closed"]},
		{"question": _asked("request.open", object.remove(_citizen, ["acr"]), foreign), "reasons": ["security_level_too_low"]},
	]
	every case in cases {
		admin.evaluate == _denied(case.reasons) with input as case.question
	}
}

test_an_organisation_that_has_ceased_reads_and_changes_nothing if {
	reading := {
		"agent-client.list", "change-request.list", "change-request.list-pending", "change-request.open", "change-request.read",
		"client-relation.list", "feed.read", "request.list", "request.list-pending", "request.open", "request.read",
		"system-user.find", "system-user.list", "system-user.list-of-system", "system-user.look-up", "system-user.read",
		"system.changelog", "system.list-own", "system.list-visible", "system.read", "system.read-own", "webhook.read",
	}
	every row, acts in _rows {
		caller := {true: _machine(_all_scopes), false: _citizen}[row in object.keys(_machine_scopes)]
		every act in acts {
			reasons := {true: [], false: ["organisation_closed"]}[act in reading]
			admin.evaluate.reasons == reasons with input as _asked(act, caller, {"organisation": {"closed": true}})
		}
	}
}

_sides := {
	"owner": {"keeping resources"},
	"vendor": {"keeping systems", "reading requests", "requesting"},
	"party": {"answering", "keeping clients", "opening", "seeing clients"},
}

# These are about no single thing, or about one that is to be.
_of_none := {
	"own-system.create",
	"change-request.list-pending", "request.list-pending", "system-user.create", "system-user.list",
	"system.list-own",
}

test_what_is_not_there_and_what_is_another_ones_are_told_apart if {
	every side, rows in _sides {
		every row in rows {
			caller := {true: _machine(object.get(_machine_scopes, row, set()) - {"altinn:authentication/systemregister.admin"}), false: _citizen}[row in object.keys(_machine_scopes)]
			every act in _rows[row] - _of_none {
				foreign := _asked(act, caller, {"object": {side: _there}})
				admin.evaluate == _denied(["object_foreign"]) with input as foreign
				unknown := object.union(object.remove(foreign, ["object"]), {"object": {"exists": false}})
				told := {true: ["object_foreign"], false: ["object_unknown"]}[act in {"resource.put", "system.create"}]
				admin.evaluate == _denied(told) with input as unknown
				admin.evaluate == _denied(told) with input as object.remove(foreign, ["object"])
			}
		}
	}
	every act in _of_none {
		caller := {true: _machine(_all_scopes), false: _citizen}[act == "system.list-own"]
		admin.evaluate == _allowed with input as object.remove(_asked(act, caller, {}), ["object"])
	}
}

test_whoever_keeps_the_register_keeps_anybodys_systems_and_asks_for_nobody if {
	keeper := _machine(["altinn:authentication/systemregister.admin", "altinn:authentication/systemuser.request.write"])
	every act in _rows["keeping systems"] {
		admin.evaluate == _allowed with input as _asked(act, keeper, {"object": {"vendor": _there}})
	}
	every act in _rows.requesting {
		admin.evaluate == _denied(["object_foreign"]) with input as _asked(act, keeper, {"object": {"vendor": _there}})
	}
}

test_there_is_no_answer_without_a_moment if {
	every context in [{}, null, {"time": "now"}] {
		not admin.evaluate with input as object.union(object.remove(_asked("resource.list", _operator, {}), ["context"]), {"context": context})
	}
}
