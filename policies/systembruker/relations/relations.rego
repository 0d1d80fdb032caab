# METADATA
# title: What a client has given an organisation
# description: |
#   Relations of one client with one provider: what the registers say, and what the client has given itself. They are joined: a package that one of them gives is given.
package systembruker.relations

import data.tilgang.grants

# METADATA
# title: One of the relations gives the package at that moment, and has done so since another one without a break
# description: What was added before a relation ended does not come to life again with the next one.
gives(relations, name, time, since) if {
	some relation in relations
	name in relation.packages
	grants.lasting(relation, time)
	grants.is_instant(relation.since[name])
	grants.is_instant(since)
	relation.since[name] <= since
}
