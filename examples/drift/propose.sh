#!/usr/bin/env bash
# Proposes what differs from the accepted files as pull requests on GitHub, one for each
# file, so that whoever accepts one accepts nothing else:
#
#   terraform plan -out=drift.tfplan
#   terraform show -json drift.tfplan > drift.json
#   propose.sh drift.json
#
# It is run in a checkout of the default branch, in the folder of the configuration, with
# bash, git, jq, gh and GNU coreutils, and changes nothing there. Whether lines end in LF
# or, as .gitattributes may have it, in CRLF makes no difference. All its requests and
# branches are portal-drift/<portal>/…; everything that it needs to know stands in them,
# so that a run which broke off anywhere is made good by the next one.
#
# What servers and people wrote goes from jq, through variables, to files and standard
# input. It is never part of a command; file names, ids and effects are looked at before
# they are.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

most=10 # files that have a request of their own
work="$(mktemp -d)"
touch "$work/notes" "$work/summary" "$work/closed.json"
mark="$(head -c 16 /dev/urandom | sha256sum | cut -d ' ' -f 1)"
export GIT_INDEX_FILE="$work/index" # the checkout's own stays as it is
export GIT_AUTHOR_NAME="github-actions[bot]" GIT_COMMITTER_NAME="github-actions[bot]"
export GIT_AUTHOR_EMAIL="41898282+github-actions[bot]@users.noreply.github.com" GIT_COMMITTER_EMAIL="41898282+github-actions[bot]@users.noreply.github.com"

# note says something in the log and in the run's summary.
note() { printf '%s\n' "- $1" | tee -a "$work/notes"; }

# finish writes the summary and the outputs, of a run that failed, too. What came from
# outside stands last, or in a block that no line of it can end.
finish() {
  local code=$?
  cat "$work/notes" "$work/summary" >> "${GITHUB_STEP_SUMMARY:-/dev/stdout}" || true
  {
    if [ -e "$work/new" ]; then echo "new=true"; else echo "new=false"; fi
    echo "effects=$(sort -u "$work/new" 2> /dev/null | paste -s -d ,)"
  } >> "${GITHUB_OUTPUT:-/dev/stdout}" || true
  echo "::$mark::"
  rm -rf "$work"
  exit "$code"
}

# The runner takes no line that git or gh print for a command of its own.
echo "::stop-commands::$mark"
trap finish EXIT

# failed says it of a branch, which stops no other, and is not forgotten.
failed() {
  note "**Failed**: $1. The log says why."
  touch "$work/failed"
}

# attempt FUNCTION BRANCH …
attempt() {
  local code
  set +e
  (set -e; "$@")
  code=$?
  set -e
  if [ "$code" -ne 0 ]; then failed "$2"; fi
}

# has WORD WORDS…
has() {
  local word
  for word in "${@:2}"; do if [ "$word" = "$1" ]; then return 0; fi; done
  return 1
}

# accepted: whether the folder has a file of a baseline.
accepted() {
  local file
  for file in "$folder"/portal.json "$folder"/access.json "$folder"/servers/*.json; do
    if [ -e "$file" ]; then return 0; fi
  done
  return 1
}

# id_of servers/NAME: has id be the server's, of which the name may be an encoding.
id_of() {
  id="${1#servers/}"
  printf -v id '%b' "${id//%/\\x}" || true
}

# sum REVISION FILE: the SHA-256 of a file, or "gone".
sum() {
  local sum=gone
  if git rev-parse -q --verify "$1:$root$2" > /dev/null; then sum="$(git cat-file blob "$1:$root$2" | sha256sum)" || return 1; fi
  echo "${sum%% *}"
}

# trailers REVISION FILE…: what the commit and the text of a request say that it brings.
trailers() {
  local file sum
  for file in "${@:2}"; do
    sum="$(sum "$1" "$file")" || return 1
    echo "Portal-Drift: $sum $file"
  done
}

# stage BRANCH FILE…: keeps the tree of the default branch with the patches of these files,
# which may change nothing else, and its trailers.
stage() {
  local branch="$1" file tree
  shift
  git read-tree HEAD || return 1
  for file; do
    # Where the checkout's lines end in CRLF, those of the patch do, and git's own do not.
    printf '%s' "${patch_of["$file"]}" | git apply --cached --whitespace=nowarn -p1 2> /dev/null ||
      printf '%s' "${patch_of["$file"]//$'\r'/}" | git apply --cached --whitespace=nowarn -p1 || return 1
  done
  tree="$(git write-tree)" || return 1
  git diff-tree -r -z --name-only --no-renames HEAD "$tree" > "$work/changed" || return 1
  printf '%s\0' "${@/#/"$root"}" | cmp -s - "$work/changed" || return 1
  tree_of["$branch"]="$tree" trailers_of["$branch"]="$(trailers "$tree" "$@")"
}

# look BRANCH WHAT FILE…: stages the files, unless a person refused just this, by closing
# a request that brought it.
look() {
  if ! stage "$1" "${@:3}"; then
    failed "$1"
    return 1
  fi
  local number="${refused["$1 ${trailers_of["$1"]}"]:-}"
  if [ -z "$number" ] || [ -n "${requests["$1"]:-}" ]; then return 0; fi
  note "**Refused and still there**: $2, #$number."
  return 1
}

# head_of BRANCH: its commit on GitHub, if there is one.
head_of() { git rev-parse -q --verify "refs/remotes/origin/$1" || true; }

# own BRANCH: whether all that the branch changes was made by this script. A commit of
# somebody else, to these or other files, is not to be pushed over.
own() {
  local tip="refs/remotes/origin/$1" name="${1#"$prefix/"}" fork path file said
  fork="$(git merge-base HEAD "$tip")" || return 1
  git diff-tree -r -z --name-only --no-renames "$fork" "$tip" > "$work/changed" || return 1
  while IFS= read -r -d '' path; do
    file="${path#"$root"}"
    if [ "$path" != "$root$file" ] || ! [[ "$file" =~ ^(portal|access|servers/[A-Za-z0-9_.%-]+)\.json$ ]]; then return 1; fi
    if [ "$name" != first ] && [ "$name" != rest ] && [ "$name.json" != "$file" ]; then return 1; fi
    said="$(git log -1 --format='%(trailers:key=Portal-Drift)' "$fork..$tip" -- ":(top,literal)$path")" || return 1
    if [[ $'\n'"$said"$'\n' != *$'\n'"$(trailers "$tip" "$file")"$'\n'* ]]; then return 1; fi
  done < "$work/changed"
}

# characters counts as GitHub does.
characters() { LC_ALL=C.UTF-8 wc -m; }

# left_alone BRANCH NUMBER: says once in the request that its branch is not this script's.
left_alone() {
  local text="This branch has commits of somebody else. It is left alone, and so is this text, which may not say all that the branch brings. Take those commits away; or, to have another request, give this one the label portal-drift-withdrawn and delete the branch."
  note "\`$1\` has commits of somebody else, and is left alone${2:+: #$2}."
  if [ -z "$2" ]; then return 0; fi
  gh pr view "$2" --json comments > "$work/comments.json"
  if ! jq -e --arg text "$text" 'any(.comments[]; .viewerDidAuthor and .body == $text)' "$work/comments.json" > /dev/null; then
    label portal-drift-withdrawn
    gh pr comment "$2" --body "$text"
  fi
}

# label NAME…: makes labels that are not there.
label() {
  local name
  for name; do gh label create "$name" --description "Made by portal-drift" > /dev/null 2>&1 || true; done
}

# propose BRANCH WHAT INTRODUCTION FILE…: has a request open that brings these files, as
# look has staged them.
propose() {
  local branch="$1" what="$2" introduction="$3" files=("${@:4}")
  local tree="${tree_of["$1"]}" trailers="${trailers_of["$1"]}" number="${requests["$1"]:-}"
  local seen commit title text brought name file effects=() labels edit=() fork
  git check-ref-format "refs/heads/$branch"
  seen="$(head_of "$branch")"
  if [ -n "$seen" ] && ! own "$branch"; then
    left_alone "$branch" "$number"
    return 1
  fi

  text="$(for file in "${files[@]}"; do printf '%s\n\n' "${report_of["$file"]}"; done)"
  # The reports of several files may be too long for one text; that of the whole portal is not.
  if [ "${#files[@]}" -gt 1 ] && [ "$(characters <<< "$text")" -gt 60000 ] || [ "$branch" = "$prefix/first" ]; then text="${report:-"$text"}"; fi
  # The trailers are the last paragraph, so that no server writes them.
  text="$introduction"$'\n\n'"$(printf '%s' "$text")"$'\n\n'"$trailers"
  printf '%s\n' "$text" > "$work/text"
  if [ "$(characters < "$work/text")" -gt 65536 ]; then
    note "The text for \`$branch\` is longer than GitHub takes, so nothing of it was pushed."
    return 1
  fi
  brought="$(for file in "${files[@]}"; do printf ' %s ' "${effects_of["$file"]}"; done)"
  for name in "${all_effects[@]}"; do
    if [[ "$brought" == *" $name "* ]]; then effects+=("$name"); fi
  done
  title="Portal $portal, $what: ${effects[0]:-no effect}"
  labels=(portal-drift "${effects[@]}")

  if [ -n "$number" ]; then
    # The text first: should this fail, an old text with a new content would be accepted unread.
    for name in "${labels[@]}"; do
      if [[ "${labels_of["$number"]}" != *$'\n'"$name"$'\n'* ]]; then label "$name" && edit+=(--add-label "$name"); fi
    done
    for name in "${all_effects[@]}" portal-drift-withdrawn; do
      if [[ "${labels_of["$number"]}" == *$'\n'"$name"$'\n'* ]] && ! has "$name" "${labels[@]}"; then edit+=(--remove-label "$name"); fi
    done
    if [ "${text_of["$number"]}" != "$title"$'\n'"${text//$'\r'/}" ]; then edit+=(--title "$title" --body-file "$work/text"); fi
    if [ "${#edit[@]}" -gt 0 ]; then gh pr edit "$number" "${edit[@]}" > /dev/null; fi
  fi

  # Pushed only if it is another change, so that an approval is not taken back for nothing.
  git diff-tree -r --no-renames HEAD "$tree" > "$work/wanted"
  if [ -n "$seen" ]; then
    fork="$(git merge-base HEAD "$seen")"
    git diff-tree -r --no-renames "$fork" "$seen" > "$work/brought"
  fi
  if [ -z "$seen" ] || ! cmp -s "$work/wanted" "$work/brought"; then
    commit="$(printf '%s\n\n%s\n' "$title" "$trailers" | git commit-tree "$tree" -p HEAD)"
    git push -q --force-with-lease="refs/heads/$branch:$seen" origin "$commit:refs/heads/$branch"
  elif [ -n "$number" ]; then
    note "Still open: $what, #$number."
    return 0
  fi
  if [ -z "$number" ]; then
    label "${labels[@]}"
    number="$(gh pr create --base "$main" --head "$branch" --title "$title" --body-file "$work/text" "${labels[@]/#/--label=}")"
    note "Opened: $what, #${number##*/}."
  else
    note "Another content: $what, #$number."
  fi
  for name in "${effects[@]}"; do echo "$name"; done >> "$work/new"
}

# withdraw BRANCH WHY: closes its request with that word, and deletes the branch. The
# label comes first: what is closed without it was refused by a person.
withdraw() {
  local number="${requests["$1"]:-}" seen
  seen="$(head_of "$1")"
  if [ -n "$seen" ] && ! own "$1"; then
    left_alone "$1" "$number"
    if [ -n "$number" ]; then return 1; else return 0; fi
  fi
  if [ -n "$number" ]; then
    label portal-drift-withdrawn
    gh pr edit "$number" --add-label portal-drift-withdrawn > /dev/null
    gh pr close "$number" --comment "$2"
    note "Withdrawn: #$number. $2"
  fi
  if [ -n "$seen" ]; then git push -q --force-with-lease="refs/heads/$1:$seen" origin ":refs/heads/$1"; fi
}

# All of the plan that counts, each value with a NUL after it, which none of them has.
all_effects=(widens steers breaks undetermined) # the worst first
if ! jq -j 'if .errored == true then error("the plan failed") else . end
  | [.prior_state.values.root_module | recurse(.child_modules[]?) | .resources[]? | select(.mode == "data" and .type == "mcp_portal_baseline").values]
  | if length == 1 then .[0] else error("the plan has \(length) baselines, not one") end
  | if (.id | test("\\A[A-Za-z0-9_-]+\\z")) and (.directory | type) == "string" and (.undetermined | type) == "array"
      and all(.files | to_entries[]; (.key | test("\\A(portal|access|servers/[A-Za-z0-9_.%-]+)\\.json\\z"))
        and all(.value.patch, .value.report; type == "string") and (.value.effects - $ARGS.positional) == [])
      and (.drifted == false or .drifted and (.files | length) > 0)
    then . else error("the baseline in the plan is not of a form that is known") end
  | ([.undetermined[].text] | join("\n")) as $text
  | ("`" * ([3, ($text | [match("`+"; "g").length + 1][])] | max)) as $fence
  | [.id, .directory, .report // "",
      (if $text == "" then "" else "\n> [!WARNING]\n> The API does not tell all of it at the moment, so this is neither as accepted nor a drift:\n\n\($fence)text\n\($text)\n\($fence)\n" end)
        + "\n" + (.report // ([.files[].report] | join("\n\n") | select(. != "")) // "Nothing differs.") + "\n",
      (.files | to_entries[] | .key, (.value.effects | join(" ")), .value.patch, .value.report), "",
      (.undetermined[] | .server_id // "")]
  | if all(.[]; split("\u0000") | length < 2) then .[] + "\u0000" else error("a value of the baseline has a NUL") end' \
  "$1" --args "${all_effects[@]}" > "$work/plan" || [ ! -s "$work/plan" ]; then
  note "**Failed**: the plan has no baseline to go by."
  exit 1
fi
mapfile -d '' -t plan < "$work/plan"
declare -A effects_of=() patch_of=() report_of=() requests=() labels_of=() text_of=() refused=() tree_of=() trailers_of=()
portal="${plan[0]}" folder="${plan[1]}" report="${plan[2]}" files=()
printf '%s' "${plan[3]}" > "$work/summary"
for ((i = 4; ${#plan[i]} > 0; i += 4)); do
  file="${plan[i]}"
  files+=("$file") effects_of["$file"]="${plan[i + 1]}" patch_of["$file"]="${plan[i + 2]}" report_of["$file"]="${plan[i + 3]}"
done
undetermined=("${plan[@]:i+1}")
folder="$(realpath -m -s --relative-to=. -- "$folder")"
root="$(git rev-parse --show-prefix)"
if [ "$folder" != . ]; then root+="$folder/"; fi
prefix="portal-drift/$portal"
main="$(git symbolic-ref --short HEAD)"
note "Portal \`$portal\`"

# What is there: the branches, and the open requests from them; a fork may have a branch of the same name.
depth=()
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then depth=(--unshallow); fi
git fetch -q --no-tags --prune "${depth[@]}" origin "+refs/heads/$main:refs/remotes/origin/$main" "+refs/heads/$prefix/*:refs/remotes/origin/$prefix/*"
gh pr list --state open --base "$main" --limit 1000 --json number,title,body,labels,headRefName,isCrossRepository > "$work/open.json"
jq -j --arg prefix "$prefix/" 'if length == 1000 then error("more requests are open than can be listed") else .[] end
  | select((.isCrossRepository | not) and (.headRefName | startswith($prefix)))
  | "\(.number)", .headRefName, "\n" + ([.labels[].name | ascii_downcase + "\n"] | add // ""),
    "\(.title)\n\(.body | split("\r") | join("") | sub("\\s+\\z"; ""))"
  | split("\u0000") | join("") + "\u0000"' "$work/open.json" > "$work/open"
mapfile -d '' -t open < "$work/open"
for ((i = 0; i < ${#open[@]}; i += 4)); do
  requests["${open[i + 1]}"]="${open[i]}" labels_of["${open[i]}"]="${open[i + 2]}" text_of["${open[i]}"]="${open[i + 3]}"
done
git for-each-ref --format='%(refname:strip=3)' "refs/remotes/origin/$prefix/" > "$work/branches"
mapfile -t branches < "$work/branches" # GitHub closes a request whose branch is gone

# What people refused: requests by their branch and the last paragraph of their text, the newest last.
asked=("${files[@]%.json}")
if [ "${#files[@]}" -gt 0 ] && ! accepted; then asked=(first); elif [ "${#files[@]}" -gt "$most" ]; then asked+=(rest); fi
for name in "${asked[@]}"; do
  if [ -n "${requests["$prefix/$name"]:-}" ]; then continue; fi
  gh pr list --state closed --base "$main" --head "$prefix/$name" --limit 1000 --json number,headRefName,state,isCrossRepository,labels,body >> "$work/closed.json"
done
jq -j 'reverse[] | select(.state == "CLOSED" and (.isCrossRepository | not) and all(.labels[]; .name != "portal-drift-withdrawn"))
  | "\(.headRefName) \(.body | split("\r") | join("") | sub("\n+\\z"; "") | split("\n\n")[-1])" as $what
  | select($what | test("\\A[A-Za-z0-9 \n:/_.%-]+\\z")) | "\($what)\u0000\(.number)\u0000"' "$work/closed.json" > "$work/closed"
while IFS= read -r -d '' what && read -r -d '' number; do refused["$what"]="$number"; done < "$work/closed"

wanted=()
if [ "${asked[*]}" = first ]; then
  wanted=(first)
  if look "$prefix/first" "first acceptance" "${files[@]}"; then
    attempt propose "$prefix/first" "first acceptance" \
      "Nothing has been accepted yet. Merging this accepts all of portal \`$portal\` as it is now. After that, each file that differs has a request of its own." "${files[@]}"
  fi
else
  # So many requests: those that are open, then by name. One for all others.
  each=() others=()
  for file in "${files[@]}"; do
    wanted+=("${file%.json}")
    look "$prefix/${file%.json}" "\`$file\`" "$file" || continue
    if [ -n "${requests["$prefix/${file%.json}"]:-}" ]; then each+=("$file"); else others+=("$file"); fi
  done
  room=$((${#each[@]} < most ? most - ${#each[@]} : 0))
  rest=("${others[@]:room}")
  for file in "${each[@]}" "${others[@]:0:room}"; do
    what="$file"
    if [[ "$file" == servers/* ]]; then
      what="${file#servers/}"
      id_of "${file%.json}"
      if [[ "$id" =~ ^[A-Za-z0-9_-]+$ ]]; then what="server $id"; else what="server ${what%.json}"; fi
    fi
    attempt propose "$prefix/${file%.json}" "$what" \
      "Merging this accepts \`$file\` of portal \`$portal\` as it is now, and nothing else. To refuse it, close this request, and take the change back at the portal." "$file"
  done
  if [ "${#rest[@]}" -gt 0 ]; then
    wanted+=(rest)
    what="${#rest[@]} more files"
    if [ "${#rest[@]}" -eq 1 ]; then what="1 more file"; fi
    if look "$prefix/rest" "$what" "${rest[@]}"; then
      attempt propose "$prefix/rest" "$what" \
        "More files differ than have a request of their own. Merging this accepts those that stand in the last lines here, and nothing else." "${rest[@]}"
    fi
  fi
fi

# What is no longer wanted goes, the branches of merged requests, too. What can't be
# compared at the moment stays: it is not known to have been taken back.
for branch in "${branches[@]}"; do
  name="${branch#"$prefix/"}"
  why="As accepted again: it was taken back at the portal, or accepted otherwise."
  case "$name" in
  first) why="A file has been accepted, so each that differs has a request of its own." ;;
  rest) why="What still differs has requests of its own." ;;
  esac
  # Whatever else somebody has put there is none of this script's.
  if has "$name" "${wanted[@]}" || ! [[ "$name" =~ ^(first|rest|portal|access|servers/[A-Za-z0-9_.%-]+)$ ]]; then continue; fi
  id_of "$name"
  # Of a gap without an id nobody knows which servers it is about.
  if [[ "$name" == servers/* ]] && { has "$id" "${undetermined[@]}" || has "" "${undetermined[@]}"; } ||
    [[ "$name" == rest || "$name" == access ]] && [ "${#undetermined[@]}" -gt 0 ]; then
    note "Can't be compared at the moment, so it stays: \`$name\`."
    continue
  fi
  attempt withdraw "$branch" "$why"
done

if [ -e "$work/failed" ]; then exit 1; fi
