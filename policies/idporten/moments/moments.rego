# METADATA
# title: Moments of the calendar
# description: Instants are 24-character UTC texts whose order is the order of time (tilgang.grants).
package idporten.moments

import data.tilgang.grants

# METADATA
# title: The same moment so many months earlier
# description: |
#   A text whose order among instants is right also where that month has no such day: 31 August less 18 months is later than all of February.
#   Undefined for what is no instant.
months_before(instant, months) := concat("", [_four(floor(counted / 12)), "-", _months[counted % 12], substring(instant, 7, -1)]) if {
	grants.is_instant(instant)
	some month
	_months[month] == substring(instant, 5, 2)
	counted := ((to_number(substring(instant, 0, 4)) * 12) + month) - months
}

# Not by sprintf: that would be a built-in of the host, which the standard rules do without.
_four(year) := substring(padded, count(padded) - 4, 4) if padded := concat("", ["000", format_int(year, 10)])

_months := ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"]
