"""The language server: what `flowlang check` finds, and what the checker knows, told to editors as one types.

`protocol` keeps the texts that editors have open, `project` knows every file and checks it when it is asked for,
`snapshot` is one file as it was checked and the only converter of places, `features` holds a file per group of
requests, `server` connects them with pygls, `wire` reads and writes, `life` ends with the client. All that looks at
trees and facts runs on one worker thread, one job after another, so that nothing is locked and nothing is stale; what
needs the text alone never waits for it.
"""
