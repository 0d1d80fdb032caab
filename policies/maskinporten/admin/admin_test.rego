package maskinporten.admin_test

import data.maskinporten.admin

_now := "2026-11-27T12:00:00.000Z"

_later := "2026-11-27T12:00:00.001Z"

_here := "910000000"

_there := "910000001"

_organisation := {"orgnr": _here, "closed": false, "termsSigned": true}

_object := {
	"owner": _here,
	"exists": true,
	"active": true,
	"prefixActive": true,
	"visibility": "PUBLIC",
	"delegatedHere": true,
	"ofProduct": false,
	"recipientClosed": false,
}

_machine(scopes) := {"kind": "machine", "consumer": _here, "clientId": "c", "scopes": scopes}

_person := {"kind": "person", "brukerId": "me", "acr": "idporten-loa-high", "clientId": "c", "scopes": []}

_operator := {"kind": "operator"}

_assignment := {"roles": ["organisasjonsadministrator"]}

_asked(name, caller, more) := object.union(
	{
		"caller": caller,
		"action": {"name": name},
		"organisation": _organisation,
		"assignments": [_assignment],
		"object": _object,
		"context": {"time": _now},
	},
	more,
)

_allowed := {"allowed": true, "reasons": []}

_denied(reasons) := {"allowed": false, "reasons": reasons}

_rows := {
	"reading": {"access.list", "access.list-given", "access.list-got", "prefix.list", "scope.list", "scope.read"},
	"writing": {"access.grant", "access.revoke", "scope.change", "scope.create", "scope.deactivate"},
	"reading delegations": {"delegation.list", "delegation.read"},
	"delegating": {"delegation.give", "delegation.withdraw"},
	"terms": {"terms.read"},
	"reading clients": {"client-key.list", "client.list", "client.read", "onbehalfof.list", "onbehalfof.read"},
	"keeping clients": {"client-secret.new", "client.change", "client.create", "client.deactivate"},
	"keeping keys": {"client-key.put", "client-key.remove", "client-key.replace"},
	"keeping onbehalfof": {"onbehalfof.put", "onbehalfof.remove"},
	"sharing data": {
		"datasharing.create-client", "datasharing.deactivate-client", "datasharing.list-accesses", "datasharing.list-clients",
	},
}

_scopes := {
	"reading": {"idporten:scopes.read", "idporten:scopes.write"},
	"writing": {"idporten:scopes.write"},
	"reading delegations": {"maskinporten:delegations.read", "maskinporten:delegations.write"},
	"delegating": {"maskinporten:delegations.write"},
	"terms": _all_scopes,
	"reading clients": {"idporten:dcr.read"},
	"keeping clients": {"idporten:dcr.write"},
	"keeping keys": {"idporten:dcr.modify", "idporten:dcr.write"},
	"keeping onbehalfof": {
		"idporten:dcr.modify", "idporten:dcr.write", "idporten:dcr/onbehalfof.write",
		"idporten:dcr/onbehalfof:write",
	},
	"sharing data": {"idporten:dcr.datasharing"},
}

_all_scopes := {
	"idporten:dcr.datasharing", "idporten:dcr.modify", "idporten:dcr.read", "idporten:dcr.supplier", "idporten:dcr.write",
	"idporten:dcr/onbehalfof.write", "idporten:dcr/onbehalfof:write", "idporten:scopes.read", "idporten:scopes.write",
	"maskinporten:delegations.read", "maskinporten:delegations.write",
}

_operating := {"issuer.list", "issuer.rotate", "prefix.hand-out", "prefix.withdraw"}

_open := {"delegation-source.list", "organisation.look-up", "prefix.list-all", "scope.list-public"}

_every_act := union({acts | some acts in _rows}) | {"terms.sign"}

test_threat_32_each_scope_allows_its_rows_and_no_other if {
	every row, acts in _rows {
		every act in acts {
			every scope in _all_scopes {
				allows := scope in _scopes[row]
				answer := admin.evaluate with input as _asked(act, _machine([scope]), {})
				answer.allowed == allows
				every reason in answer.reasons {
					reason == "scope_missing"
				}
			}
			every scopes in [[], null, ["idporten:scopes", "IDPORTEN:SCOPES.WRITE", "idporten:dcr.write ", "idporten:"], ["ks:fiks"]] {
				admin.evaluate == _denied(["scope_missing"]) with input as _asked(act, _machine(scopes), {})
			}
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
	every act in _every_act | _operating {
		admin.evaluate == _allowed with input as _asked(act, _operator, {})
	}
	every act in _every_act {
		question := _asked(act, _operator, {"object": {"owner": _there}, "organisation": {"closed": true, "termsSigned": false}})
		admin.evaluate == _allowed with input as question
	}
	every act in _operating {
		admin.evaluate == _allowed with input as object.remove(_asked(act, _operator, {}), ["organisation"])
		every caller in [_machine(_all_scopes), _person] {
			admin.evaluate == _denied(["operator_needed"]) with input as _asked(act, caller, {})
		}
	}
}

test_an_organisasjonsadministrator_reads_delegates_and_signs if {
	for_persons := ((_rows.reading | _rows["reading delegations"]) | (_rows.delegating | _rows["reading clients"])) | {"terms.read", "terms.sign"}
	every act in _every_act {
		reasons := {true: [], false: ["machine_needed"]}[act in for_persons]
		admin.evaluate.reasons == reasons with input as _asked(act, _person, {})
	}
}

test_only_an_administrator_in_force_and_without_limits if {
	cases := [
		{"assignment": {"until": _later}, "reasons": []},
		{"assignment": {"from": _now}, "reasons": []},
		{"assignment": {"until": _now}, "reasons": ["organisation_foreign"]},
		{"assignment": {"from": _later}, "reasons": ["organisation_foreign"]},
		{"assignment": {"from": null}, "reasons": ["organisation_foreign"]},
		{"assignment": {"withdrawn": null}, "reasons": ["organisation_foreign"]},
		{"assignment": {"roles": ["tilgangsadministrator", "applikasjonsadministrator"]}, "reasons": ["role_missing"]},
		{"assignment": {"roles": null}, "reasons": ["role_missing"]},
		{"assignment": {"applications": ["a"]}, "reasons": ["role_missing"]},
		{"assignment": {"mayGive": []}, "reasons": ["role_missing"]},
	]
	every case in cases {
		question := _asked("delegation.give", _person, {"assignments": [object.union(_assignment, case.assignment)]})
		admin.evaluate.reasons == case.reasons with input as question
	}
	every assignments in [null, [], [null, 5, "x"], {}] {
		admin.evaluate == _denied(["organisation_foreign"]) with input as _asked("scope.list", _person, {"assignments": assignments})
	}
	every acr in ["idporten-loa-substantial", "Level3", null, ""] {
		question := _asked("scope.list", object.union(_person, {"acr": acr}), {})
		admin.evaluate == _denied(["security_level_too_low"]) with input as question
	}
	unsaid := _asked("scope.list", object.remove(_person, ["acr"]), {})
	admin.evaluate == _denied(["security_level_too_low"]) with input as unsaid
}

test_caller_and_organisation_come_first_and_alone if {
	writing := _machine(["idporten:scopes.write"])
	foreign := {"object": {"owner": _there, "exists": false}}
	cases := [
		{"question": _asked("scope.steal", {"kind": "anonymous"}, {}), "reasons": ["action_unknown"]},
		{"question": object.remove(_asked("scope.list", writing, {}), ["action"]), "reasons": ["action_unknown"]},
		{"question": _asked("scope.list", {"kind": "anonymous"}, {}), "reasons": ["caller_unknown"]},
		{"question": object.remove(_asked("scope.list", writing, {}), ["caller", "organisation"]), "reasons": ["caller_unknown"]},
		{"question": _asked("scope.change", _machine([]), foreign), "reasons": ["scope_missing"]},
		{"question": _asked("terms.sign", _machine(["idporten:dcr.read"]), {}), "reasons": ["person_needed"]},
		{"question": _asked("scope.change", object.union(writing, {"supplier": _there}), foreign), "reasons": ["supplier_unfit"]},
		{"question": _asked("scope.list", object.union(writing, {"supplier": null}), {}), "reasons": ["supplier_unfit"]},
		{"question": _asked("scope.list", writing, {"organisation": {"orgnr": _there}}), "reasons": ["organisation_foreign"]},
		{"question": _asked("scope.list", object.remove(writing, ["consumer"]), {}), "reasons": ["organisation_foreign"]},
		{"question": object.remove(_asked("scope.list", _operator, {}), ["organisation"]), "reasons": ["organisation_unknown"]},
		{"question": _asked("scope.list", _operator, {"organisation": {"orgnr": "1"}}), "reasons": ["organisation_unknown"]},
	]
	every case in cases {
		admin.evaluate == _denied(case.reasons) with input as case.question
	}
	not admin.evaluate with input as _asked("scope.list", writing, {"context": {"time": "now"}})
}

test_terms_must_be_signed_for_all_but_the_terms if {
	every signed in [false, null, "true"] {
		unsigned := {"organisation": {"termsSigned": signed}}
		every act in _every_act - {"terms.read", "terms.sign"} {
			admin.evaluate == _denied(["terms_unsigned"]) with input as _asked(act, _machine(_all_scopes), unsigned)
		}
		admin.evaluate == _allowed with input as _asked("terms.read", _machine(_all_scopes), unsigned)
		admin.evaluate == _allowed with input as _asked("terms.sign", _person, unsigned)
	}
}

test_an_organisation_that_has_ceased_reads_only if {
	reading := (_rows.reading | _rows["reading delegations"]) | _rows["reading clients"]
	every closed in [true, null] {
		every act in _every_act - {"terms.sign"} {
			reasons := {true: [], false: ["organisation_closed"]}[act in reading]
			admin.evaluate.reasons == reasons with input as _asked(act, _machine(_all_scopes), {"organisation": {"closed": closed}})
		}
	}
}

_about_objects := {
	"access.grant", "access.list", "access.revoke", "client-key.list", "client-key.put", "client-key.remove", "client-key.replace",
	"client-secret.new", "client.change", "client.deactivate", "client.read", "datasharing.deactivate-client", "onbehalfof.list",
	"onbehalfof.put", "onbehalfof.read", "onbehalfof.remove", "scope.change", "scope.deactivate", "scope.read",
}

test_threat_27_unknown_and_foreign_are_told_alike if {
	every act in _about_objects | {"scope.create"} {
		every one in [{"owner": _there}, {"owner": _there, "exists": false, "active": false, "prefixActive": false}] {
			admin.evaluate == _denied(["object_foreign"]) with input as _asked(act, _machine(_all_scopes), {"object": one})
		}
		nobodys := object.union(object.remove(_asked(act, _machine(_all_scopes), {}), ["object"]), {"object": {"exists": true}})
		admin.evaluate == _denied(["object_foreign"]) with input as nobodys
		none := object.remove(_asked(act, _machine(_all_scopes), {}), ["object"])
		admin.evaluate == _denied(["object_foreign"]) with input as none
	}
	every act in _about_objects {
		every caller in [_machine(_all_scopes), _operator] {
			admin.evaluate == _denied(["object_unknown"]) with input as _asked(act, caller, {"object": {"exists": false}})
		}
	}
}

test_the_operator_acts_for_whomever_it_belongs_to if {
	admin.evaluate == _allowed with input as object.remove(_asked("scope.change", _operator, {}), ["organisation"])
	unknown := object.remove(_asked("access.grant", _operator, {}), ["organisation", "object"])
	admin.evaluate == _denied(["object_unknown"]) with input as unknown
}

test_a_supplier_keeps_the_clients_that_it_has_made if {
	every act in _about_objects {
		allows := regex.match("^(client|onbehalfof)", act)
		question := _asked(act, _machine(_all_scopes), {"object": {"owner": _there, "supplier": _here}})
		admin.evaluate.allowed == allows with input as question
	}
}

test_the_organisation_of_a_client_that_a_supplier_keeps_sees_it_and_ends_it if {
	may := {"client-key.list", "client.deactivate", "client.read", "onbehalfof.list", "onbehalfof.read"}
	every act in {name | some name in _about_objects; regex.match("^(client|onbehalfof)", name)} {
		question := _asked(act, _machine(_all_scopes), {"object": {"owner": _here, "supplier": _there}})
		allows := act in may
		admin.evaluate.allowed == allows with input as question
		admin.evaluate.allowed with input as object.union(question, {"caller": _operator})
	}
}

test_clients_for_others_need_the_suppliers_scope if {
	cases := [
		{"scopes": ["idporten:dcr.write"], "owner": _here, "reasons": []},
		{"scopes": ["idporten:dcr.supplier"], "owner": _here, "reasons": ["scope_missing"]},
		{"scopes": ["idporten:dcr.supplier"], "owner": _there, "reasons": []},
		{"scopes": ["idporten:dcr.write"], "owner": _there, "reasons": ["supplier_scope_missing"]},
		{"scopes": ["idporten:dcr.write", "idporten:dcr.supplier"], "owner": _there, "reasons": []},
		{"scopes": ["idporten:dcr.read"], "owner": _there, "reasons": ["scope_missing"]},
	]
	every case in cases {
		made := {"object": {"owner": case.owner, "supplier": _here, "exists": false}}
		admin.evaluate.reasons == case.reasons with input as _asked("client.create", _machine(case.scopes), made)
	}
}

test_a_scope_stands_under_a_prefix_of_its_owner if {
	every act in ["scope.change", "scope.create"] {
		every active in [false, null] {
			every caller in [_machine(_all_scopes), _operator] {
				question := _asked(act, caller, {"object": {"prefixActive": active}})
				admin.evaluate == _denied(["prefix_inactive"]) with input as question
			}
		}
	}
	admin.evaluate == _allowed with input as _asked("scope.create", _machine(_all_scopes), {"object": {"exists": false}})
	admin.evaluate == _allowed with input as _asked("scope.deactivate", _machine(_all_scopes), {"object": {"prefixActive": false}})
}

test_only_an_active_scope_is_granted if {
	admin.evaluate == _denied(["scope_inactive"]) with input as _asked("access.grant", _operator, {"object": {"active": false}})
	admin.evaluate == _denied(["scope_inactive"]) with input as _asked("access.grant", _machine(_all_scopes), {"object": {"active": null}})
	admin.evaluate == _allowed with input as _asked("access.revoke", _machine(_all_scopes), {"object": {"active": false}})
}

test_the_operator_names_whose_a_client_is_to_be if {
	asked := object.remove(_asked("client.create", _operator, {}), ["organisation", "object"])
	admin.evaluate == _denied(["organisation_unknown"]) with input as object.union(asked, {"object": {"exists": false, "recipientClosed": false}})
	made := {"object": {"owner": _here, "exists": false, "recipientClosed": false}}
	admin.evaluate == _allowed with input as object.union(asked, made)
}

test_what_has_ceased_is_given_nothing if {
	every act in ["access.grant", "client.create", "delegation.give"] {
		every caller in [_machine(_all_scopes), _operator] {
			every flag in [true, null] {
				admin.evaluate == _denied(["recipient_closed"]) with input as _asked(act, caller, {"object": {"recipientClosed": flag}})
			}
		}
	}
	given := {"object": {"exists": false, "recipientClosed": true}}
	admin.evaluate == _denied(["recipient_closed"]) with input as _asked("prefix.hand-out", _operator, given)
	admin.evaluate == _allowed with input as _asked("access.revoke", _operator, {"object": {"recipientClosed": true}})
}

test_the_simple_way_ends_no_client_that_administers if {
	every flag in [true, null] {
		asked := _asked("datasharing.deactivate-client", _machine(_all_scopes), {"object": {"ofProduct": flag}})
		admin.evaluate == _denied(["client_administers"]) with input as asked
		admin.evaluate == _allowed with input as _asked("client.deactivate", _machine(_all_scopes), {"object": {"ofProduct": flag}})
	}
}

test_the_products_own_scopes_are_the_operators if {
	every act in _rows.writing {
		every flag in [true, null] {
			question := {"object": {"ofProduct": flag}}
			admin.evaluate == _denied(["operator_needed"]) with input as _asked(act, _machine(_all_scopes), question)
			admin.evaluate == _allowed with input as _asked(act, _operator, question)
		}
		admin.evaluate == _allowed with input as _asked(act, _machine(_all_scopes), {"object": {"ofProduct": false}})
	}
}

test_what_may_be_delegated if {
	cases := [
		{"change": {}, "reasons": []},
		{"change": {"exists": false}, "reasons": ["scope_unknown"]},
		{"change": {"exists": null}, "reasons": ["scope_unknown"]},
		{"change": {"active": false}, "reasons": ["scope_inactive"]},
		{"change": {"delegatedHere": false}, "reasons": ["scope_not_delegated"]},
		{"change": {"visibility": "PRIVATE"}, "reasons": []},
		{"change": {"visibility": "PRIVATE", "owner": _there}, "reasons": ["scope_unknown"]},
		{"change": {"visibility": "INTERNAL", "owner": _there, "active": false}, "reasons": ["scope_unknown"]},
		{"change": {"visibility": "INTERNAL", "owner": _there, "granted": true}, "reasons": []},
		{"change": {"visibility": "PUBLIC", "owner": _there}, "reasons": []},
	]
	every case in cases {
		every caller in [_machine(_all_scopes), _person] {
			admin.evaluate.reasons == case.reasons with input as _asked("delegation.give", caller, {"object": case.change})
		}
	}
	hidden := {"object": {"visibility": "PRIVATE", "owner": _there}}
	admin.evaluate == _allowed with input as _asked("delegation.give", _operator, hidden)
}

test_a_client_of_an_own_system_is_made_by_whoever_answers_requests if {
	every role in ["organisasjonsadministrator", "tilgangsstyrer"] {
		every acr in ["idporten-loa-high", "Level4", "idporten-loa-substantial", "Level3"] {
			caller := object.union(_person, {"acr": acr})
			question := _asked("own-system.create-client", caller, {"assignments": [{"roles": [role]}]})
			admin.evaluate == _allowed with input as question
		}
	}
	every role in ["klientadministrator", "tilgangsadministrator", "applikasjonsadministrator"] {
		question := _asked("own-system.create-client", _person, {"assignments": [{"roles": [role]}]})
		admin.evaluate == _denied(["role_missing"]) with input as question
	}
	styrer := {"assignments": [{"roles": ["tilgangsstyrer"]}]}
	admin.evaluate == _denied(["role_missing"]) with input as _asked("delegation.give", _person, styrer)
	admin.evaluate == _denied(["scope_missing"]) with input as _asked("own-system.create-client", _machine(_all_scopes), {})
	unsure := object.union(_person, {"acr": "idporten-loa-low"})
	admin.evaluate == _denied(["security_level_too_low"]) with input as _asked("own-system.create-client", unsure, {})
	unsigned := {"organisation": {"termsSigned": false}}
	admin.evaluate == _denied(["terms_unsigned"]) with input as _asked("own-system.create-client", _person, unsigned)
}

test_a_client_of_an_own_system_is_changed_by_whoever_makes_such if {
	change := "own-system.change-client"
	styrer := {"assignments": [{"roles": ["tilgangsstyrer"]}]}
	admin.evaluate == _allowed with input as _asked(change, _person, styrer)
	admin.evaluate == _denied(["role_missing"]) with input as _asked(change, _person, {"assignments": [{"roles": ["klientadministrator"]}]})
	admin.evaluate == _denied(["scope_missing"]) with input as _asked(change, _machine(_all_scopes), {})
	foreign := object.union(styrer, {"object": {"owner": _there}})
	admin.evaluate == _denied(["object_foreign"]) with input as _asked(change, _person, foreign)
	gone := object.union(styrer, {"object": {"exists": false}})
	admin.evaluate == _denied(["object_unknown"]) with input as _asked(change, _person, gone)
}
