#!/usr/bin/env bash
# Proposes what differs from the accepted files as pull requests on GitHub, one for each
# file, so that whoever accepts one accepts nothing else:
#
#   terraform plan -out=drift.tfplan
#   terraform show -json drift.tfplan > drift.json
#   propose.sh drift.json
#
# It runs in a checkout of the default branch, in the folder of the configuration, with
# bash, git, jq, gh and GNU coreutils, and changes nothing there. The branches
# portal-drift/<portal>/… belong to it: each run makes each of them one commit on the
# default branch. All that it has to know stands in git and in the requests, so the next
# run makes good what a run that broke off has left. What servers and people
# wrote goes from jq to files and standard input, and is never part of a command; file names,
# effects and titles are checked before they are.
#
# Version 1. To see what a newer one changes:
#   curl -fsS https://raw.githubusercontent.com/mcp-portals/terraform-provider-mcp/main/examples/drift/propose.sh | diff propose.sh -
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C GIT_TERMINAL_PROMPT=0

most=10 # files that have a request of their own
author="${PORTAL_DRIFT_AUTHOR:-app/github-actions}" # who opens the requests, as gh says it
refused=portal-drift-refused
refusing="**To refuse this**, add the label \`$refused\`. The next run closes the request and does not propose the same content again. The change stays live until somebody undoes it at the portal. Until then each run reports it, and fails if it widens or steers. Closing the request without the label refuses nothing: the next run opens a new one."
all_effects=(widens steers breaks)
work="$(mktemp -d)"
touch "$work/notes" "$work/summary" "$work/lists"
mark="$(head -c 16 /dev/urandom | sha256sum | cut -d ' ' -f 1)"
export GIT_INDEX_FILE="$work/index" # the checkout's own stays as it is
doing="Setting up"

# note and failed say it in the log and in the run's summary. A run that failed goes on, and
# ends with exit code 1.
note() { printf '%s\n' "- $1" >> "$work/notes" && printf '%s\n' "- $1"; }
failed() { note "**Failed**: $1" && touch "$work/failed"; }

# finish writes the summary and the outputs, of a run that failed, too. What came from
# outside stands last, or in a block that no line of it can end.
finish() {
  local code=$? kind
  if [ "$code" -ne 0 ] && [ ! -e "$work/failed" ]; then failed "$doing. The log says why."; fi
  cat "$work/notes" "$work/summary" >> "${GITHUB_STEP_SUMMARY:-/dev/stdout}" || true
  for kind in new open refused undetermined; do
    if [ ! -e "$work/$kind" ]; then printf '%s\n' "$kind=false" "${kind}_effects=" && continue; fi
    printf '%s\n' "$kind=true" "${kind}_effects=$(grep . "$work/$kind" | sort -u | paste -s -d ,)"
  done >> "${GITHUB_OUTPUT:-/dev/stdout}" || true
  echo "::$mark::"
  rm -rf "$work"
  exit "$((code > 0))"
}

# The runner takes no line that git or gh print for a command of its own.
echo "::stop-commands::$mark"
trap finish EXIT

# attempt WHAT COMMAND…: a failure is noted, and stops nothing else. In the background,
# because bash ignores set -e wherever the result is looked at.
attempt() {
  (set -e && "${@:2}") &
  wait "$!" || failed "$1. The log says why."
}

# remote COMMAND…: git fetch or push.
remote() {
  git "$@" || { note "\`git $1\` failed. Unless somebody pushed meanwhile, it needs \`persist-credentials: true\` in actions/checkout, \`contents: write\`, and no rule that forbids it." >&2 && return 1; }
}

# record KIND EFFECT…: for the outputs.
record() { printf '%s\n' "${@:2}" >> "$work/$1"; }

# held NAME: whether it cannot be compared at the moment, so nobody knows that it is gone.
held() {
  local id="${1#servers/}" other
  printf -v id '%b' "${id//%/\\x}" # a file's name may be an encoding
  for other in "${undetermined[@]}"; do # "" is of no server, so it may be about any
    if [[ "$1" != portal && ("$1" != servers/* || -z "$other" || "$other" == "$id") ]]; then return 0; fi
  done
  return 1
}

# head_of NAME: the commit of its branch on GitHub, if there is one.
head_of() { git rev-parse -q --verify "refs/remotes/origin/$prefix/$1" || true; }

# brings FROM TO: what changes from one tree to the other, a line of blob and path each.
brings() { git diff-tree -r --no-renames "$1" "$2" | sed -E 's/^(\S+ ){3}(\S+) .\t/\2 /'; }

# stage FILE…: has tree be that of the default branch with the patches of these files,
# which may change nothing else.
stage() {
  local file
  for file; do printf '%s' "${patch_of["$file"]}"; done > "$work/patch"
  git read-tree HEAD || return 1
  # Where the checkout's lines end in CRLF, those of the patch do, and git's own do not.
  git apply --cached --whitespace=nowarn -p1 "$work/patch" 2> /dev/null ||
    tr -d '\r' < "$work/patch" | git apply --cached --whitespace=nowarn -p1 || return 1
  tree="$(git write-tree)" || return 1
  git diff-tree -r -z --name-only --no-renames HEAD "$tree" > "$work/changed" || return 1
  printf '%s\0' "${@/#/"$root"}" | cmp -s - "$work/changed"
}

# is_right COMMIT: whether it is one commit on the default branch, not merged, with just
# the change that leads to tree.
is_right() {
  local line
  [ -n "$1" ] && read -r -a line <<< "$(git rev-list --parents --max-count=1 "$1")" && [ "${#line[@]}" -eq 2 ] &&
    git merge-base --is-ancestor "${line[1]}" HEAD && ! git merge-base --is-ancestor "$1" HEAD &&
    [ "$(git diff-tree -r --no-renames "${line[1]}" "$1")" = "$(git diff-tree -r --no-renames HEAD "$tree")" ]
}

# say NAME TITLE NUMBER FILE…: prints a line of labels, one of those that the repository may
# not have, one of what is to be edited in the open request, and its text, of which GitHub
# takes 65,536 characters, as jq counts them.
say() {
  jq -j --arg name "$1" --arg title "$2" --argjson number "${3:-null}" --arg effects "${all_effects[*]}" --arg refusing "$refusing" \
    --arg body "--body-file=$work/body" --slurpfile requests "$work/requests.json" '
    . as $baseline | [$baseline.files[$ARGS.positional[]]] as $files | (["portal-drift"] + ([$files[].effects[]] | unique)) as $labels
    | [$requests[0][] | select(.name == $name)] as $all | (first($all[] | select(.number == $number)) // null) as $own
    | ((if $own then $own.body | capture("opens a new one\\.\n\n#(?<n>[0-9]+) was closed without ").n
        else $all[0] | select(.state == "CLOSED" and (.withdrawn or .refused | not)).number end) // null
      | $refusing + if . then "\n\n#\(.) was closed without the label `portal-drift-refused`, so its change is proposed again." else "" end) as $refusing
    | (if $name == "first" then
        ["Nothing has been accepted yet. Merging this accepts all of portal `\($baseline.id)` as it is now. After that, each file that differs has a request of its own.", $baseline.report]
      elif $name == "rest" then
        ["More files differ than have a request of their own. Merging this accepts these, and nothing else:\n\n" +
          ([$ARGS.positional[] | "- `\(.)`: `\($baseline.files[.].title)`"] | join("\n"))] + [$files[].report]
      else [$files[].report] end | map(rtrimstr("\n")) | join("\n\n")) as $said
    | ($said + "\n\n" + $refusing + "\n" | if length <= 65536 then . else
        ("> [!WARNING]\n> This text is cut, because GitHub takes no longer one. The diff has all of it.\n\n" + $refusing + "\n\n" + $said)[:65535] + "\n" end) as $text
    | (if $own then ($labels - $own.labels | map("--add-label=" + .)) + ($own.labels - ($own.labels - ($effects / " ")) - $labels | map("--remove-label=" + .))
        + if $own.title == $title and $own.body == ($text | sub("\\s+\\z"; "")) then [] else [$body] end else [] end) as $edit
    | ($labels, $labels + ["portal-drift-refused"] - [$requests[0][].labels[]], $edit | join(" ") + "\n"), $text' \
    "$work/baseline.json" --args "${@:4}"
}

# propose NAME TITLE FILE…: has a request open that brings these files, and nothing else.
propose() {
  local name="$1" title="$2 (portal $portal)" number="${open_of["$1"]:-}" branch="$prefix/$1"
  local seen push="" label labels unseen edit replaced="" commit what="Still open"
  shift 2
  stage "$@"
  seen="$(head_of "$name")"
  if ! is_right "$seen"; then push=yes; fi
  say "$name" "$title" "$number" "$@" > "$work/text"
  { read -r -a labels && read -r -a unseen && read -r -a edit && cat > "$work/body"; } < "$work/text"
  # Set in the last seconds, it is about what was there before.
  if [ -n "$push" ]; then edit+=("--remove-label=$refused"); fi
  if [ -z "$number" ] || [ "${#edit[@]}" -gt 0 ]; then
    for label in "${unseen[@]}"; do gh label create "$label" --description "Made by portal-drift" > /dev/null 2>&1 || true; done
  fi

  # The text first: should the push fail, an old text with a new content would be accepted unread.
  if [ -n "$number" ] && [ "${#edit[@]}" -gt 0 ]; then gh pr edit "$number" --title "$title" "${edit[@]}" > /dev/null; fi
  # Each push dismisses approvals, so what is right already is not pushed.
  if [ -n "$push" ]; then
    if [ -n "$seen" ] && git log --format=%ce "HEAD..$seen" | grep -vxF "$me" > "$work/others"; then
      replaced="Replaced commit $seen, which somebody else pushed: \`$branch\` belongs to the workflow. \`git fetch origin $seen\` gets it back."
      note "$replaced"
      if [ -n "$number" ]; then gh pr comment "$number" --body "$replaced" > /dev/null; fi
    fi
    commit="$(git commit-tree "${sign[@]}" "$tree" -p HEAD <<< "$title")"
    remote push -q --force-with-lease="refs/heads/$branch:$seen" origin "$commit:refs/heads/$branch"
  fi
  if [ -z "$number" ]; then
    number="$(gh pr create --base "$main" --head "$branch" --title "$title" --body-file "$work/body" "${labels[@]/#/--label=}")"
    number="${number##*/}" what="Opened"
    if [ -n "$replaced" ]; then gh pr comment "$number" --body "$replaced" > /dev/null; fi
  elif [ -n "$push" ]; then
    what="Another content"
  fi
  note "$what: #$number, \`$title\`."
  record open "${labels[@]:1}"
  if [ "$what" != "Still open" ]; then record new "${labels[@]:1}"; fi
}

# close NAME WHY: closes its request, if one is open.
close() {
  if [ -z "${open_of["$1"]:-}" ]; then return 0; fi
  gh pr close "${open_of["$1"]}" --comment "Closed, because $2 The last commit of the branch was $(head_of "$1")."
  note "Closed: #${open_of["$1"]}, because $2"
}

# withdraw NAME: closes its request, and deletes the branch.
withdraw() {
  close "$1" "nothing of it differs any more: it was undone at the portal, accepted otherwise, or has another request."
  remote push -q --force-with-lease="refs/heads/$prefix/$1:$(head_of "$1")" origin ":refs/heads/$prefix/$1"
}

# On GitHub Enterprise Server, gh takes no other host and token than these.
host="${GITHUB_SERVER_URL:-https://github.com}"
if [ "$host" != https://github.com ]; then export GH_HOST="${host#*://}" GH_ENTERPRISE_TOKEN="${GH_ENTERPRISE_TOKEN:-${GH_TOKEN:-}}"; fi
if [ "$(git config --type=bool commit.gpgsign || true)" = true ]; then
  sign=(-S) # by the configuration's user: GitHub checks a key against the committer's account
else
  sign=()
  export GIT_AUTHOR_NAME="github-actions[bot]" GIT_COMMITTER_NAME="github-actions[bot]"
  export GIT_AUTHOR_EMAIL="41898282+github-actions[bot]@users.noreply.github.com" GIT_COMMITTER_EMAIL="41898282+github-actions[bot]@users.noreply.github.com"
fi
me="$(git var GIT_COMMITTER_IDENT | sed 's/.*<\(.*\)>.*/\1/')"

# All of the plan that counts.
if ! why="$(jq -j 'def is_it: .mode == "data" and .type == "mcp_portal_baseline";
  if .errored == true then error("the plan failed") else . end
  | if any(.resource_changes[]?, .deferred_changes[]?.resource_change; is_it) then
      error("Terraform deferred the baseline to the apply and compared nothing, because of depends_on or of an argument that is not known in the plan") else . end
  | [.prior_state.values.root_module | recurse(.child_modules[]?) | .resources[]? | select(is_it).values]
  | if length == 1 then .[0] else error("the plan has \(length) baselines, not one") end
  | if (.id | test("\\A[A-Za-z0-9_-]+\\z")) and (.directory | test("[[:cntrl:]]") | not) and (.undetermined | type) == "array"
      and all(.files | to_entries[]; (.key | test("\\A(portal|access|servers/[A-Za-z0-9_.%-]+)\\.json\\z"))
        and all(.value.title, .value.patch, .value.report; type == "string") and (.value.effects - $ARGS.positional) == [])
      and (.drifted == false or .drifted and (.files | length) > 0)
    then . else error("the baseline in the plan is not of a form that is known") end
  | .files |= map_values(.title |= (gsub("[^A-Za-z0-9 _.,:;/()\">=+-]"; "?") | .[:100]))
  | ([.undetermined[].text] | join("\n")) as $text
  | ("`" * ([3, ($text | [match("`+"; "g").length + 1][])] | max)) as $fence
  | [tojson, .id, .directory,
      (if $text == "" then "" else "\n> [!WARNING]\n> The API does not tell all of it at the moment. What it does not tell is neither as accepted nor a drift:\n\n\($fence)text\n\($text)\n\($fence)\n" end)
        + "\n" + (.report // ([.files[].report] | join("\n\n") | select(. != "")) // "Nothing differs.") + "\n",
      (.files | to_entries[] | .key, (.value.effects | join(" ")), .value.title, .value.patch), "", (.undetermined[] | .server_id // "")]
  | if all(.[]; split("\u0000") | length < 2) then .[] + "\u0000" else error("a value of the baseline has a NUL") end' \
  "$1" --args "${all_effects[@]}" 2>&1 > "$work/plan")" || [ ! -s "$work/plan" ]; then
  printf '%s\n' "$why" >&2
  why="${why##*: }"
  failed "there is no baseline to go by: ${why//[^A-Za-z0-9 ,._]/}"
  exit 1
fi
mapfile -d '' -t plan < "$work/plan"
declare -A effects_of=() title_of=() patch_of=() files_of=() key_of=() unit_of=() refused_by=() open_of=() labels_of=() kept=() wanted=()
printf '%s' "${plan[0]}" > "$work/baseline.json"
portal="${plan[1]}" folder="${plan[2]}" units=()
printf '%s' "${plan[3]}" > "$work/summary"
# What has a request of its own: a file.
for ((i = 4; ${#plan[i]} > 0; i += 4)); do
  name="${plan[i]%.json}"
  units+=("$name") files_of["$name"]="${plan[i]}" effects_of["$name"]="${plan[i + 1]}" title_of["$name"]="${plan[i + 2]}" patch_of["${plan[i]}"]="${plan[i + 3]}"
done
undetermined=("${plan[@]:i+1}")
if [ "${#undetermined[@]}" -gt 0 ]; then record undetermined; fi
folder="$(realpath -m -s --relative-to=. -- "$folder")"
root="$(git rev-parse --show-prefix)"
if [ "$folder" != . ]; then root+="$folder/"; fi
prefix="portal-drift/$portal"
main="$(git symbolic-ref --short HEAD)"
# Where nothing has been accepted, it is all of them together.
if [ "${#units[@]}" -gt 0 ] && [ -z "$(ls -d "$folder"/portal.json "$folder"/access.json "$folder"/servers/*.json 2> /dev/null || true)" ]; then
  files_of[first]="${units[*]/%/.json}" effects_of[first]="${effects_of[*]}" title_of[first]="First acceptance"
  units=(first)
fi
note "Portal \`$portal\`, by propose.sh 1"

doing="Fetching"
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then depth=(--unshallow); else depth=(); fi
remote fetch -q --no-tags --prune "${depth[@]}" origin "+refs/heads/$main:refs/remotes/origin/$main" "+refs/heads/$prefix/*:refs/remotes/origin/$prefix/*"
{
  printf '%s\n' "${units[@]}"
  if [ "${#units[@]}" -gt "$most" ]; then echo rest; fi
  git for-each-ref --format='%(refname:strip=5)' "refs/remotes/origin/$prefix/"
} > "$work/all"
# Any other branch is none of this script's.
{ grep -xE 'first|rest|portal|access|servers/[A-Za-z0-9_.%-]+' "$work/all" || true; } | sort -u > "$work/names"
mapfile -t names < "$work/names"

# By branch, since a list by label is empty for a token that may not read issues. A fork may
# have a branch of the same name.
doing="Listing the requests"
for name in "${names[@]}"; do
  gh pr list --state all --base "$main" --head "$prefix/$name" --limit 1000 --json number,state,title,body,labels,comments,headRefName,isCrossRepository,author >> "$work/lists"
done
jq -rs --arg prefix "$prefix/" 'if any(.[]; length == 1000) then error("there are more requests than can be listed") else add // [] end
  | map(select(.isCrossRepository | not) | .labels |= map(.name | ascii_downcase)
    | {number, state, title, labels, name: (.headRefName | ltrimstr($prefix)), body: (.body | gsub("\r"; "") | sub("\\s+\\z"; "")),
      refused: any(.labels[]; . == "portal-drift-refused"), withdrawn: any(.comments[]; .viewerDidAuthor and (.body | startswith("Closed, because "))),
      by: .author.login})
  | tojson, (.[] | select(.state != "MERGED") | "\(.number) \(.state) \(.name) \(.refused) \(.by) \(.labels - (.labels - $ARGS.positional) | join(" "))")' \
  "$work/lists" --args "${all_effects[@]}" > "$work/requests"
{ read -r line && mapfile -t requests && printf '%s' "$line" > "$work/requests.json"; } < "$work/requests"

for name in "${units[@]}"; do
  read -r -a files <<< "${files_of["$name"]}"
  if stage "${files[@]}"; then
    key_of["$name"]="$(brings HEAD "$tree")"
    unit_of["${key_of["$name"]}"]="$name"
  else
    failed "the patch of \`$name\` does not apply. The log says why."
  fi
done

# What a person refused is what a request brought that has the label. Git knows it: a text,
# or a request of somebody else, can say anything.
doing="Looking at what was refused"
for line in "${requests[@]}"; do
  read -r number state name labelled by effects <<< "$line"
  if [ "$state" = OPEN ]; then open_of["$name"]="$number" labels_of["$name"]="$effects"; fi
  if [ "$labelled" = false ]; then continue; fi
  if [ "$by" != "$author" ]; then note "#$number has the label \`$refused\` and refuses nothing, because $by opened it and not $author (\`PORTAL_DRIFT_AUTHOR\`)." && continue; fi
  tip="refs/remotes/origin/pull/$number" still=""
  remote fetch -q --no-tags origin "+refs/pull/$number/head:$tip"
  brings "$(git merge-base HEAD "$tip" || echo "$tip")" "$tip" > "$work/brought"
  # The first acceptance is refused as a whole.
  if [ "$name" = first ]; then keys=("$(< "$work/brought")"); else mapfile -t keys < "$work/brought"; fi
  for key in "${keys[@]}"; do
    if [ -n "${unit_of["${key:--}"]:-}" ]; then still=yes refused_by["$key"]="$number"; fi
  done
  if [ -n "$still" ]; then
    # Its branch stays, or is made again, so that the request is found when the content is gone.
    kept["$name"]=yes
    if [ -z "$(head_of "$name")" ]; then remote push -q origin "$tip:refs/heads/$prefix/$name"; fi
    if [ "$state" = OPEN ]; then
      attempt "Closing #$number" close "$name" "it was refused."
      unset "open_of[$name]"
    fi
  elif ! held "$name"; then
    # The next time is a first time. A patch that does not apply may have been refused.
    if [ ! -e "$work/failed" ]; then attempt "Taking the label off #$number" gh pr edit "$number" --remove-label "$refused"; fi
    if [ -e "$work/failed" ]; then kept["$name"]=yes; else note "What was refused in #$number is gone, and so is its label."; fi
  fi
done

# So many requests: those that are open, then by name. One for all others.
doing="Proposing"
each=() others=()
for name in "${units[@]}"; do
  by="${refused_by["${key_of["$name"]:--}"]:-}"
  if [ -n "$by" ]; then
    note "**Refused and still there**: \`$name\`, #$by."
    record refused "${effects_of["$name"]// /$'\n'}"
    kept["$name"]=yes
    attempt "Closing #${open_of["$name"]:-}" close "$name" "the same was refused in #$by."
    continue
  fi
  wanted["$name"]=yes
  if [ -z "${key_of["$name"]:-}" ]; then continue; fi
  if [ -n "${open_of["$name"]:-}" ]; then each+=("$name"); else others+=("$name"); fi
done
room=$((${#each[@]} < most ? most - ${#each[@]} : 0))
for name in "${each[@]}" "${others[@]:0:room}"; do
  read -r -a files <<< "${files_of["$name"]}"
  attempt "\`$prefix/$name\`" propose "$name" "${title_of["$name"]}" "${files[@]}"
done
rest=("${others[@]:room}")
if [ "${#rest[@]}" -gt 0 ]; then
  wanted[rest]=yes
  attempt "\`$prefix/rest\`" propose rest "Other files that differ: ${#rest[@]}" "${rest[@]/%/.json}"
fi

# What is no longer wanted goes, the branches of merged requests, too.
for name in "${names[@]}"; do
  if [ -n "${wanted["$name"]:-}${kept["$name"]:-}" ] || [ -z "$(head_of "$name")" ]; then continue; fi
  if [ "$name" != first ] && held "$name"; then
    note "Cannot be compared at the moment, so it stays: \`$name\`."
    if [ -n "${open_of["$name"]:-}" ]; then record open "${labels_of["$name"]// /$'\n'}"; fi
    continue
  fi
  attempt "\`$prefix/$name\`" withdraw "$name"
done

if [ -e "$work/failed" ]; then exit 1; fi
