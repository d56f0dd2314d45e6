/** What `--help` prints. */
export const HELP_TEXT = `engine-simulator: an AceStream engine stand-in, for tests and demonstrations.

Usage: engine-simulator [flags]      every flag of a real engine is accepted as well

  --http-port <n>            port of the engine's HTTP API; 0 takes a free one      6878
  --host <address>           address to listen on          127.0.0.1, 0.0.0.0 with --bind-all
  --bind-all                 answer clients of other networks too
  --control-port <n>         port of the control API; 0 takes a free one      no control API
  --control-host <address>   address of the control API                            127.0.0.1
  --engine-version <x.y.z>   version to report                                        3.2.11
  --bits-per-second <n>      play a synthetic stream of this rate for every content
  --unpaced                  send as fast as the reader reads
  --burst-ms <n>             how much of the past a new reader gets at once            15000
  --lag-ms <n>               how far behind the broadcast this engine is                2000
  --start-delay-ms <n[-n]>   prebuffering before the first byte                      300-800
  --reader-idle-stop-ms <n>  a content nobody reads ends after this                    60000
  --live-buffer <s>          readers further behind jump forward                        1800
  --live-cache-size <bytes>  the same, in bytes                                    209715200
  --fault <name[=json]>      set a fault from the start; may be repeated
  --seed <n>                 repeat delays, session ids and stat values
  --ready-json               print {"port":…,"controlPort":…} on one line when listening
  --help                     this text

Play http://127.0.0.1:6878/ace/getstream?id=1111111111111111111111111111111111111111
`;
