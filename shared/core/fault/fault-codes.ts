/**
 * Numbered codes of everything that can go wrong with a change. The text is the runbook entry: what it means and what
 * to do. Ranges: TW1xx other system, TW2xx record, TW3xx map, TW4xx ingress, TW5xx own state.
 */
export const FAULT_CODES = {
  TW101: 'The other system asked for a pause (429). Nothing to do; the change is tried again when the pause is over.',
  TW102: 'The other system answered with a passing error, or not at all. The change is tried again.',
  TW103: 'The outcome of a write is unknown (time-out). The row is read before anything else is written to it.',
  TW104: 'Sign-in was refused (401). Check the identity, its secret and the application user.',
  TW105: 'The identity lacks a right (403). Give the named privilege to the application user.',
  TW106:
    'The other system does not know a table, an entity or a column of the map. The map is stopped. Mend the map or the system, then resume it.',
  TW107: 'The other system gave an answer that could not be understood. It is tried again; report it if it stays.',
  TW108: 'The other system is gone (outage). Its changes wait; they are released in order of age when it is back.',
  TW109:
    'The other system does not take what it is asked, and does not say that the map is to blame. Check its address and state.',
  TW110: 'The mark up to which changes were read is too old. All rows are read again.',
  TW201: 'The row changed since it was read. The record is planned again.',
  TW202: 'The row to be created exists already. The record is planned again.',
  TW203: 'The row to be changed is gone. The record is planned again.',
  TW204: 'A referenced record is missing in the target. The change waits until that record has been synchronised.',
  TW205: 'The target refused the values (a business rule). Mend the data or the map, then retry the parked change.',
  TW206: 'The row is absent, but nothing proves that it was deleted. Restore access, or let a full scan confirm it.',
  TW207: 'The changed row is unknown: it has no link and cannot be read. Nothing was synchronised.',
  TW208: 'Attempts are used up. See the last fault; retry the parked change when its cause is gone.',
  TW209: 'Values alternate between the two sides. Look for two automations that undo each other, then retry.',
  TW210:
    'A key changed, and the other side cannot take it, or another record bears it. Give the row its key back, or delete one of the rows.',
  TW211: 'A field changed on both sides and its policy leaves the decision to a person.',
  TW212: 'A deletion waits for approval, as the map demands. Approve it, or dismiss it to keep the other row.',
  TW213:
    'More rows were deleted than the map lets pass at once. Look who deleted them, then approve or dismiss the rest.',
  TW214:
    'The conflict cannot be decided: it is unknown, about a whole row, its field flows one way or is given at creation only, or it is not clear which value an undoing would bring back.',
  TW215: 'The values have moved on since they were shown. Look at the new ones, then decide.',
  TW216:
    'The parked change cannot be edited: it is gone, its record is not on both sides, or its field flows one way. Edit the row itself.',
  TW217:
    'The row was merged into another one. Its partner stays as it is: move what it has to the partner of the surviving row and delete it, or let the map relink merged rows.',
  TW218:
    'A new row is like several rows of the other side by the match rule of its map. Make it differ from all but one, or give it the key of the right one.',
  TW301: 'A value has no entry in the value map of its field. Add the entry, then retry the parked change.',
  TW302: 'A value does not fit the column of the other side. Mend the value or the map, then retry.',
  TW303: 'The integration key of a row is incomplete. Fill the key columns; the record is taken up by itself.',
  TW304: 'The map is not installed or not valid. Install a valid version.',
  TW306:
    'This version of the map is installed with other contents. Give the changed map a version of its own, then install it.',
  TW401: 'The webhook key is missing or wrong. Compare the key of the endpoint with the setting.',
  TW402: 'The body is not what the sender should post. It was kept in the table of rejected events.',
  TW403: 'The body is too large. It was kept, cut, in the table of rejected events.',
  TW404: 'The queue does not take the event at the moment. The sender tries again.',
  TW405: 'The request is not what the operation takes. The detail names each problem.',
  TW501: 'Twinwrite itself failed on this record. It was parked alone; report the message, then retry it.',
} as const;

export type FaultCode = keyof typeof FAULT_CODES;
