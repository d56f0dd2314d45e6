#!/usr/bin/env bash
# Makes the media loops beside this script. Needs ffmpeg 5.1 with libx264 and libx265 (Debian 12's is what made them).
#
# Every loop obeys the same rules, and `src/playout` relies on them:
#   * its length is a multiple of 0.32 s: 8 video frames of 40 ms, 15 AAC frames of 1024/48000 s;
#   * it is exactly `packets` packets of constant rate, so a packet's place says when it is due;
#   * closed GOPs; it starts with SDT, PAT, PMT and a keyframe, and no PES crosses the seam;
#   * the audio is cut from the middle of a longer periodic tone, so neither encoder priming nor a click marks the seam.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ff() { ffmpeg -nostdin -hide_banner -loglevel error -y -fflags +bitexact "$@"; }

# A tone with a regular beep; tone and beep are periodic in the loop.
# audio <loop seconds> <beep period> <tone Hz> <bit/s> → $work/audio.nut, starting at 0
audio() {
  local frames
  frames=$(awk "BEGIN { print $1 * 48000 / 1024 }")
  ff -f lavfi -i "aevalsrc='0.12*sin(2*PI*$3*t)+0.25*sin(2*PI*1000*t)*lt(mod(t,$2),0.1)':s=48000:d=$(awk "BEGIN { print $1 * 3 }")" \
    -ac 2 -c:a aac -b:a "$4" -flags:a +bitexact \
    -bsf:a "noise=drop='lt(n,$frames+1)+gte(n,2*$frames+1)',setts=ts=N*1024" -f nut "$work/audio.nut"
}

# The muxer sends a PES 0.7 s before its time and not sooner, which leaves the last one no time to end before the seam
# unless it is short: <slack> packets fewer make it run that much slow, so that its end comes early enough.
# mux <name> <loop seconds> <packets> <slack> <ffmpeg input and map arguments…> → <name>.mpegts
mux() {
  local name=$1 seconds=$2 packets=$3 slack=$4
  shift 4
  ff "$@" -c copy -flags:v +bitexact -f mpegts \
    -muxrate "$(awk "BEGIN { printf \"%d\", ($packets - $slack) * 1504 / $seconds + 0.5 }")" -pcr_period 20 -pat_period 0.1 -sdt_period 0.5 \
    -mpegts_service_id 1 -metadata service_provider='Engine simulator' -metadata service_name="$name" "$name.mpegts"
  local missing=$((packets - $(stat -c %s "$name.mpegts") / 188))
  if ((missing < 0)); then
    echo "$name: $((-missing)) packets too long; lower its bit rate" >&2
    exit 1
  fi
  for ((i = 0; i < missing; i++)); do
    printf '\x47\x1f\xff\x10'
    head -c 184 /dev/zero | tr '\0' '\377'
  done >> "$name.mpegts"
  echo "$name: $packets packets, $missing of them padding"
}

# H.264 High with two B-frames, AAC stereo, 1.56 Mbit/s, 9.6 s, a keyframe each 1.2 s.
# The audio starts with the video's first DTS, 40 ms before its first PTS.
ff -f lavfi -i testsrc2=size=1280x720:rate=25,format=yuv420p -frames:v 240 -c:v libx264 -preset slow -profile:v high \
  -b:v 1310k -maxrate 1350k -bufsize 650k -g 30 -keyint_min 30 -sc_threshold 0 -bf 2 -x264-params open-gop=0:b-pyramid=none \
  -threads 1 -flags:v +bitexact -f nut "$work/video.nut"
audio 9.6 1.2 440 96k
mux h264-aac 9.6 9960 0 -i "$work/video.nut" -itsoffset -0.04 -i "$work/audio.nut" -map 0:v -map 1:a

# H.264 High without B-frames, 1080p with grain, AAC stereo, 7.99 Mbit/s, 3.2 s, a keyframe each 1.6 s.
ff -f lavfi -i testsrc2=size=1920x1080:rate=25,noise=alls=14:allf=t,format=yuv420p -frames:v 80 -c:v libx264 -preset slow -profile:v high \
  -b:v 7400k -maxrate 7500k -bufsize 3700k -g 40 -keyint_min 40 -sc_threshold 0 -bf 0 -x264-params open-gop=0 \
  -threads 1 -flags:v +bitexact -f nut "$work/video.nut"
audio 3.2 1.6 550 128k
mux h264-aac-8m 3.2 17000 0 -i "$work/video.nut" -i "$work/audio.nut" -map 0:v -map 1:a

# HEVC Main, AAC stereo, 1.2 Mbit/s, 6.4 s, a keyframe each 1.6 s.
ff -f lavfi -i testsrc2=size=1280x720:rate=25,format=yuv420p -frames:v 160 -c:v libx265 -preset medium \
  -x265-params "log-level=error:bitrate=950:vbv-maxrate=1000:vbv-bufsize=500:keyint=40:min-keyint=40:scenecut=0:open-gop=0:bframes=0:repeat-headers=1:info=0:pools=none:frame-threads=1" \
  -flags:v +bitexact -f nut "$work/video.nut"
audio 6.4 1.6 330 96k
mux hevc-aac 6.4 5100 0 -i "$work/video.nut" -i "$work/audio.nut" -map 0:v -map 1:a

# Radio: AAC stereo at 128 kbit/s and nothing else, 188 kbit/s, 9.6 s, a PES each 40 to 100 ms.
audio 9.6 1.2 220 128k
mux radio-aac 9.6 1200 5 -i "$work/audio.nut" -map 0:a -pes_payload_size 1300
