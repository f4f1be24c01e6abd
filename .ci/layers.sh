# The layers of `./dev test`, in the order they run: what fails fast comes first.
# Sourced by ./dev. A layer is a function layer_NAME; it exists for the user when its folder does.

RESULTS=$PWD/build/test  # One folder per layer: log, JUnit reports.
LAYERS=(lint unit docs integration attack fault clients gates asan fuzz tsan tidy image)
LONG=0
FUZZ_SECONDS=20
CORES=$(nproc)

# layer NAME → what must be installed, and what must exist for it to be a layer at all.
packages_of() {
  case $1 in
    lint) echo lint ;;
    unit) echo build unit ;;
    gates) echo build unit python bench ;;
    asan | fuzz | tsan) echo build unit sanitize ;;
    tidy) echo build unit lint ;;
    image) echo chroot python ;;
    *) echo build unit python ;;
  esac
}
folder_of() {
  case $1 in
    lint | tidy) say src ;;
    unit | asan | tsan) say tests/unit ;;
    fuzz) say tests/fuzz ;;
    gates) say tests/bench/run.py ;;
    clients) say tests/clients/run ;;
    image) say docker/Dockerfile ;;
    *) say "tests/$1" ;;
  esac
}
present_layers() {
  local name
  for name in "${LAYERS[@]}"; do
    if [[ -e $(folder_of "$name") ]]; then say "$name"; fi
  done
}

# ---------------------------------------------------------------- the layers

check() {
  local name=$1; shift
  if "$@"; then say "ok: $name" && (( ++CHECKS_PASSED )); else say "FAILED: $name" && (( ++CHECKS_FAILED )); fi
}
checks_done() {
  say "$CHECKS_PASSED passed, $CHECKS_FAILED failed"
  (( CHECKS_FAILED == 0 ))
}

in_form() { sources | xargs -r -d '\n' clang-format-19 --dry-run --Werror; }

layer_lint() {
  local CHECKS_PASSED=0 CHECKS_FAILED=0
  check "form (./dev fmt mends it)" in_form
  check "floors" $PYTHON .ci/floors.py
  check "file lengths and words" $PYTHON .ci/texts.py
  checks_done
}

# Files that changed since origin/main; on origin/main itself, those of the last commit; all with --all.
files_to_tidy() {
  local base
  if (( LONG )) || ! base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse -q --verify HEAD~1); then
    sources | grep '\.cpp$'
    return
  fi
  if [[ $base == $(git rev-parse HEAD) ]]; then base=$(git rev-parse -q --verify HEAD~1 || say "$base"); fi
  { git diff --name-only --diff-filter=d "$base" -- '*.cpp'; git ls-files --others --exclude-standard '*.cpp'; } | sort -u
}

layer_tidy() {
  local files
  # A header is seen through the files that include it; fuzzers are in no release build.
  files=$(files_to_tidy | grep -v '^tests/fuzz/' || true)
  [[ -n $files ]] || { say "No C++ file has changed."; return; }
  mkdir -p build
  configure tidy -DSLUICE_TESTS=ON || return
  say "clang-tidy on $(wc -l <<<"$files") files"
  # shellcheck disable=SC2086
  run-clang-tidy-19 -quiet -p build/tidy -j "$CORES" $(sed "s|^|^$PWD/|; s|\$|\$|" <<<"$files") 2>&1 |
    grep -vE '^\[?[ 0-9/]*\]?.*clang-tidy-19 |warnings (generated|treated)|^Suppressed|^Use -header-filter|^$'
  return "${PIPESTATUS[0]}"
}

# run_units PRESET [REGEX]: the unit tests of a build; each program writes its JUnit report.
run_units() {
  GTEST_OUTPUT="xml:$RESULTS/$LAYER/" GTEST_BRIEF=1 \
    ctest --test-dir "build/$1" -j "$CORES" --output-on-failure --no-tests=error -R "${2:-^unit_}"
}

layer_unit() { release && run_units release; }

layer_asan() {
  build_tests asan unit_tests fuzzers &&
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1 \
      UBSAN_OPTIONS=print_stacktrace=1 ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19 run_units asan
}

# The rooms in which threads meet.
layer_tsan() {
  local rooms='unit_(metrics|net|routing|telemetry|server)'
  mkdir -p build
  configure tsan -DSLUICE_TESTS=ON || return
  local targets
  targets=$(ninja -C build/tsan -t targets all | sed -nE "s/^($rooms): .*/\1/p")
  # shellcheck disable=SC2086
  ninja -C build/tsan $targets &&
    TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 TSAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19 \
      run_units tsan "^$rooms\$"
}

# Each fuzzer runs over its corpus in the tree, then goes on from what it has found before.
fuzz_one() {
  local program=$1 name found corpus
  name=$(basename "$program")
  found=build/fuzz/$name
  corpus=tests/fuzz/corpus/${name%_fuzz}
  mkdir -p "$found"
  [[ -d $corpus ]] || { say "FAILED: $name has no $corpus"; return 1; }
  if ASAN_OPTIONS=detect_stack_use_after_return=1 "$program" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$found." -print_final_stats=1 "$found" "$corpus" >"$RESULTS/fuzz/$name.log" 2>&1; then
    say "ok: $name, $(sed -n 's/^stat::number_of_executed_units: *//p' "$RESULTS/fuzz/$name.log") inputs"
  else
    say "FAILED: $name"
    tail -40 "$RESULTS/fuzz/$name.log"
    return 1
  fi
}

layer_fuzz() {
  build_tests asan unit_tests fuzzers || return
  export -f fuzz_one say
  export RESULTS FUZZ_SECONDS
  find build/asan/tests -maxdepth 1 -name '*_fuzz' -type f | sort |
    xargs -P "$CORES" -I{} bash -c 'fuzz_one {}' | tee "$RESULTS/fuzz/summary"
  local passed failed
  passed=$(grep -c '^ok:' "$RESULTS/fuzz/summary" || true)
  failed=$(grep -c '^FAILED:' "$RESULTS/fuzz/summary" || true)
  say "$passed passed, $failed failed"
  (( failed == 0 && passed > 0 ))
}

run_pytest() { release && $PYTHON -m pytest -q --junitxml="$RESULTS/$LAYER/pytest.xml" "tests/$LAYER"; }
layer_docs() { run_pytest; }
layer_integration() { run_pytest; }
layer_attack() { run_pytest; }
layer_fault() { run_pytest; }
layer_clients() { release && tests/clients/run; }
layer_gates() { release && $PYTHON tests/bench/run.py --build build/release gates; }
layer_image() { $PYTHON .ci/image.py; }

# ---------------------------------------------------------------- running them

# tests_of LAYER STATUS → "passed failed": from the JUnit reports, else from a closing line
# "N passed, M failed", else the layer counts as one test.
tests_of() {
  awk -v status="$2" '
    function number(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) + 0 : 0 }
    FNR == 1 { counted = 0 }
    FILENAME ~ /\.xml$/ && !counted && /<testsuites? [^>]*tests="/ {
      match($0, /<testsuites? [^>]*tests="[^>]*>/); $0 = substr($0, RSTART, RLENGTH)
      bad = number("failures") + number("errors")
      failed += bad; passed += number("tests") - bad - number("skipped") - number("disabled"); counted = 1; reports++
    }
    FILENAME ~ /log$/ && /^[0-9]+ passed, [0-9]+ failed/ { closing = $0 }
    END {
      if (!reports && closing) { split(closing, word, " "); passed = word[1]; failed = word[3] }
      else if (!reports) { passed = status == 0; failed = 0 }
      if (status != 0 && failed == 0) failed = 1
      print passed + 0, failed + 0
    }' "$RESULTS/$1/log" $(find "$RESULTS/$1" -name '*.xml')
}

run_layer() {
  LAYER=$1
  local log=$RESULTS/$1/log status=0 started=$SECONDS passed failed groups
  rm -rf "${RESULTS:?}/$1"
  mkdir -p "$RESULTS/$1"
  say "" "=== $1"
  # Not in a pipe: what a layer has built must be remembered here.
  exec 3>&1
  "layer_$1" > >(tee "$log" >&3) 2>&1 || status=$?
  exec 3>&-
  wait $! || true
  read -r passed failed < <(tests_of "$1" "$status")
  (( PASSED += passed, FAILED += failed, 1 ))
  SUMMARY+=$(printf '%-12s %6d passed %4d failed %6d s' "$1" "$passed" "$failed" $((SECONDS - started)))$'\n'
}

run_tests() {
  local wanted=() known name argument
  known=" $(present_layers | tr '\n' ' ')"
  while (( $# )); do
    argument=$1; shift
    case $argument in
      --all) LONG=1; FUZZ_SECONDS=600 ;;
      --minutes) FUZZ_SECONDS=$((60 * ${1:?--minutes needs a number})); shift ;;
      --layers) say "$known"; return ;;
      *) [[ $known == *" $argument "* ]] || die "no such layer: $argument (there are:$known)"
         wanted+=("$argument") ;;
    esac
  done
  if (( ${#wanted[@]} == 0 )); then
    read -ra wanted <<<"$known"
    (( LONG )) || wanted=("${wanted[@]/image/}")
  fi
  # Tests of 10,000 streams, 1,000 reloads and the like look at this.
  export SLUICE_LONG=$LONG
  PASSED=0 FAILED=0 SUMMARY=
  local groups=()
  for name in ${wanted[@]}; do
    read -ra groups <<<"${groups[*]} $(packages_of "$name")"
  done
  # shellcheck disable=SC2046
  need $(printf '%s\n' "${groups[@]}" | awk '!seen[$0]++')
  for name in ${wanted[@]}; do
    run_layer "$name"
  done
  say "" "${SUMMARY%$'\n'}" "" "$PASSED passed, $FAILED failed"
  (( FAILED == 0 ))
}

run_lint() {
  [[ ${1:-} != --all ]] || LONG=1
  need lint build unit
  PASSED=0 FAILED=0 SUMMARY=
  run_layer lint
  run_layer tidy
  say "" "${SUMMARY%$'\n'}" "" "$PASSED passed, $FAILED failed"
  (( FAILED == 0 ))
}
