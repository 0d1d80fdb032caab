# METADATA
# title: What a person may let a system user have
# description: |
#   Rights and packages that are to be given, each by itself (schemas/systembruker-delegation-input.json). A vendor that asks for them (purpose `ask`) is told what
#   nobody of the customer could ever give; whoever gives them (any other purpose) besides what the person could not. An agent gets what its clients give, so of its
#   packages nothing is required of the person. Faults are named by what is required and not met, so that a missing or odd value is a fault.
# schemas:
#   - input: schema["systembruker-delegation-input"]
package systembruker.delegation

import data.tilgang.grants

# METADATA
# title: Why each of the items cannot be given
# description: |
#   In their order, the most telling reason first; an empty list means that it can. With the service that it is about; of a package as a whole, with none.
#   Without an instant in context.time there is no answer.
# entrypoint: true
faults := [_by_precedence(_item_faults(item)) | some item in input.items] if {
	grants.is_instant(input.context.time)
}

_by_precedence(found) := [fault |
	some reason in _precedence
	some fault in sort(found)
	fault.reason == reason
]

_precedence := [
	"package_unknown",
	"package_not_assignable",
	"package_not_for_agents",
	"resource_unknown",
	"action_unknown",
	"resource_type_unfit",
	"resource_not_delegable",
	"resource_not_for_party",
	"role_missing",
	"security_level_too_low",
]

_item_faults(item) := _right_faults(item) if {
	item.kind == "right"
	is_array(item.resources)
	count(item.resources) > 0
} else := _package_faults(item) if {
	item.kind == "package"
	is_array(item.resources)
} else := {{"reason": "resource_unknown", "resource": ""}}

# A right.

_right_faults(item) := union({_resource_faults(resource) | some resource in item.resources}) | _action_faults(item)

_action_faults(item) := {{"reason": "action_unknown", "resource": _id(resource)} |
	_ = item.action
	some resource in item.resources
	_is_there(resource)
	not _has_action(resource, item.action)
}

_has_action(resource, action) if action in resource.actions

# A package: whoever gives it gives all of its services that are in use.

_package_faults(item) := {{"reason": "package_unknown", "resource": ""}} if {
	not _is_package(item)
} else := {{"reason": "package_not_for_agents", "resource": ""}} if {
	_is_for_agent
	not item.package.delegable == true
} else := set() if {
	_is_for_agent
} else := {{"reason": "package_not_assignable", "resource": ""}} if {
	not item.package.assignable == true
} else := union({_resource_faults(resource) | some resource in item.resources; _is_there(resource)})

_is_package(item) if {
	item.package.exists == true
	item.package.active == true
}

_is_for_agent if input.type == "agent"

# A service. One that is not there, or is out of use, has no other fault.

_resource_faults(resource) := {{"reason": "resource_unknown", "resource": _id(resource)}} if {
	not _is_there(resource)
} else := {{"reason": reason, "resource": _id(resource)} | some reason in _reasons(resource)}

_is_there(resource) if {
	resource.exists == true
	resource.active == true
}

_id(resource) := resource.id if {
	is_string(resource.id)
} else := ""

_reasons(resource) := {reason | some reason in _precedence; _is_fault(reason, resource)}

_is_fault("resource_type_unfit", resource) if not _is_fit(resource)

_is_fault("resource_not_delegable", resource) if not resource.delegable == true

_is_fault("resource_not_for_party", resource) if not resource.forParty == true

_is_fault("role_missing", resource) if {
	not _is_asked
	not _has_role(resource)
}

_is_fault("security_level_too_low", resource) if {
	not _is_asked
	not _is_sure(resource)
}

# By itself: what is negated where something is absent would be no fault.
_is_fit(resource) if resource.type in _types

# What can be given to system users; of scopes of Maskinporten, old services and consents nothing is.
_types := {
	"AltinnApp",
	"BrokerService",
	"CorrespondenceService",
	"Default",
	"GenericAccessResource",
	"MigratedApp",
	"Systemresource",
}

_is_asked if input.purpose == "ask"

# Whoever gives: the operator gives nothing away in anybody's name, so it has no role.

_has_role(resource) if {
	some role in _roles
	role in _enough(resource)
}

_enough(resource) := {"organisasjonsadministrator", "tilgangsstyrer"} if {
	not _is_limited(resource)
} else := {"organisasjonsadministrator"} if {
	resource.givenBy == "organisasjonsadministrator"
} else := set()

_is_limited(resource) if _ = resource.givenBy

_roles contains role if {
	some assignment in input.person.assignments
	is_object(assignment)
	not grants.withdrawn(assignment)
	grants.begun(assignment, input.context.time)
	grants.lasting(assignment, input.context.time)
	object.get(assignment, "applications", null) == null
	object.get(assignment, "mayGive", null) == null
	some role in assignment.roles
}

_is_sure(_) if input.person.acr in {"idporten-loa-high", "Level4"}

_is_sure(resource) if {
	not _has_level(resource)
	input.person.acr in {"idporten-loa-substantial", "Level3"}
}

_has_level(resource) if _ = resource.level
