# METADATA
# title: Whether a client gets a token for a system user
# description: |
#   One question over one input document (schemas/systembruker-token-input.json): together with whether the client may have a token with its scopes, or by another
#   Maskinporten that issues it. Faults are told one at a time, since each depends on those before it: they name what a vendor can know of its own systems.
# schemas:
#   - input: schema["systembruker-token-input"]
package systembruker.token

import data.maskinporten.token as scopes
import data.systembruker.standing

# METADATA
# title: May it act as the system user?
# description: reasons is empty, or has the one thing that stands in the way.
# entrypoint: true
evaluate := _ruling(object.get(input.asked, "consumer", ""))

# METADATA
# title: What may be issued, and as which system user?
# description: |
#   What maskinporten/token/evaluate says of the scopes, over the same input, which has what that reads beside what is read here; with a grant also, as
#   systemUser, whether the client may act as the system user for whom the grant is.
# entrypoint: true
issue := object.union(scopes.evaluate, {"systemUser": _ruling(scopes.evaluate.grant.consumer)}) if {
	scopes.evaluate.grant != null
} else := scopes.evaluate

_ruling(consumer) := {"allowed": count(faults) == 0, "reasons": faults} if faults := _faults(consumer)

_faults(consumer) := ["client_on_no_system"] if {
	not _is_on_system
} else := ["vendor_other"] if {
	not input.system.vendor == consumer
} else := ["vendor_ceased"] if {
	not _has_vendor
} else := ["system_user_unknown"] if {
	not input.systemUser
} else := ["system_user_not_approved"] if {
	not standing.is_there(input.systemUser)
} else := ["system_user_deactivated"] if {
	standing.is_stopped(input.systemUser)
} else := ["owner_ceased"] if {
	not _has_owner
} else := ["system_user_unknown"] if {
	not _is_asked_for
} else := []

# What is kept of a client's place counts as long as its system has the client.
_is_on_system if {
	input.system.deleted == false
	input.asked.client in input.system.clientIds
}

_is_asked_for if {
	standing.has_system(input.systemUser, input.system)
	input.systemUser.party == input.asked.owner
	input.systemUser.externalRef == input.asked.externalRef
}

_has_vendor if standing.goes_on(input.organisations[input.system.vendor])

_has_owner if standing.goes_on(input.organisations[input.asked.owner])
