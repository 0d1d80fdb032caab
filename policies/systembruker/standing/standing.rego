# METADATA
# title: Whether a system user stands
# description: |
#   What holds for a system user whatever is asked of it: it has been approved, its customer and its system are there, and nobody has stopped it. What a token is
#   issued for (systembruker/token) and what is decided about it (systembruker/acting) go by the same. Absent documents, and odd ones, are none.
package systembruker.standing

# METADATA
# title: There is such a system user
# description: A request that waits for an answer, or was refused, is none yet; what has been deleted or given back is none any more.
is_there(system_user) if {
	system_user.status == "Accepted"
	system_user.removed == false
}

# METADATA
# title: Its customer has stopped it for the time being
is_stopped(system_user) if not system_user.deactivated == false

# METADATA
# title: The system is there, and still the one that the customer has let act
has_system(system_user, system) if {
	system.deleted == false
	system.id == system_user.systemId
	system.vendor == system_user.vendor
}

# METADATA
# title: The organisation is told not to have ceased
goes_on(organisation) if organisation.closed == false
