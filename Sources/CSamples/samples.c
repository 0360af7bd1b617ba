#include "csamples.h"

// One array and one row a file, in the order of the paths; a test compares the table with the folders.

// #embed is C23's; the package is built as the compiler's default C.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char Themes_dark_theme[] = {
#embed "../../Themes/dark.theme"
};
static const unsigned char Themes_high_contrast_theme[] = {
#embed "../../Themes/high-contrast.theme"
};
static const unsigned char Themes_light_theme[] = {
#embed "../../Themes/light.theme"
};
static const unsigned char Themes_sixteen_theme[] = {
#embed "../../Themes/sixteen.theme"
};
static const unsigned char Workspaces_planner_functions_book_flight_json[] = {
#embed "../../Workspaces/planner/functions/book_flight.json"
};
static const unsigned char Workspaces_planner_functions_find_flights_json[] = {
#embed "../../Workspaces/planner/functions/find_flights.json"
};
static const unsigned char Workspaces_planner_functions_find_hotels_json[] = {
#embed "../../Workspaces/planner/functions/find_hotels.json"
};
static const unsigned char Workspaces_planner_mocks_book_flight_json[] = {
#embed "../../Workspaces/planner/mocks/book_flight.json"
};
static const unsigned char Workspaces_planner_mocks_find_flights_json[] = {
#embed "../../Workspaces/planner/mocks/find_flights.json"
};
static const unsigned char Workspaces_planner_mocks_find_hotels_json[] = {
#embed "../../Workspaces/planner/mocks/find_hotels.json"
};
static const unsigned char Workspaces_planner_prompts_trip_md[] = {
#embed "../../Workspaces/planner/prompts/trip.md"
};
static const unsigned char Workspaces_planner_recordings_find_flights_jsonl[] = {
#embed "../../Workspaces/planner/recordings/find_flights.jsonl"
};
static const unsigned char Workspaces_planner_recordings_find_hotels_jsonl[] = {
#embed "../../Workspaces/planner/recordings/find_hotels.jsonl"
};
static const unsigned char Workspaces_planner_workspace_json[] = {
#embed "../../Workspaces/planner/workspace.json"
};
static const unsigned char Workspaces_support_functions_get_order_status_json[] = {
#embed "../../Workspaces/support/functions/get_order_status.json"
};
static const unsigned char Workspaces_support_functions_get_weather_json[] = {
#embed "../../Workspaces/support/functions/get_weather.json"
};
static const unsigned char Workspaces_support_functions_send_email_json[] = {
#embed "../../Workspaces/support/functions/send_email.json"
};
static const unsigned char Workspaces_support_mocks_get_order_status_json[] = {
#embed "../../Workspaces/support/mocks/get_order_status.json"
};
static const unsigned char Workspaces_support_mocks_get_weather_json[] = {
#embed "../../Workspaces/support/mocks/get_weather.json"
};
static const unsigned char Workspaces_support_mocks_send_email_json[] = {
#embed "../../Workspaces/support/mocks/send_email.json"
};
static const unsigned char Workspaces_support_permissions_json[] = {
#embed "../../Workspaces/support/permissions.json"
};
static const unsigned char Workspaces_support_prompts_order_md[] = {
#embed "../../Workspaces/support/prompts/order.md"
};
static const unsigned char Workspaces_support_sampling_greedy_json[] = {
#embed "../../Workspaces/support/sampling/greedy.json"
};
static const unsigned char Workspaces_support_workspace_json[] = {
#embed "../../Workspaces/support/workspace.json"
};
static const unsigned char Workspaces_weather_commands_get_current_time_json[] = {
#embed "../../Workspaces/weather/commands/get_current_time.json"
};
static const unsigned char Workspaces_weather_functions_get_current_time_json[] = {
#embed "../../Workspaces/weather/functions/get_current_time.json"
};
static const unsigned char Workspaces_weather_functions_get_weather_json[] = {
#embed "../../Workspaces/weather/functions/get_weather.json"
};
static const unsigned char Workspaces_weather_mocks_get_current_time_json[] = {
#embed "../../Workspaces/weather/mocks/get_current_time.json"
};
static const unsigned char Workspaces_weather_mocks_get_weather_json[] = {
#embed "../../Workspaces/weather/mocks/get_weather.json"
};
static const unsigned char Workspaces_weather_prompts_weather_md[] = {
#embed "../../Workspaces/weather/prompts/weather.md"
};
static const unsigned char Workspaces_weather_sampling_greedy_json[] = {
#embed "../../Workspaces/weather/sampling/greedy.json"
};
static const unsigned char Workspaces_weather_workspace_json[] = {
#embed "../../Workspaces/weather/workspace.json"
};

#define ROW(path, array) {path, array, sizeof array}

static const sample_file files[] = {
  ROW("Themes/dark.theme", Themes_dark_theme),
  ROW("Themes/high-contrast.theme", Themes_high_contrast_theme),
  ROW("Themes/light.theme", Themes_light_theme),
  ROW("Themes/sixteen.theme", Themes_sixteen_theme),
  ROW("Workspaces/planner/functions/book_flight.json", Workspaces_planner_functions_book_flight_json),
  ROW("Workspaces/planner/functions/find_flights.json", Workspaces_planner_functions_find_flights_json),
  ROW("Workspaces/planner/functions/find_hotels.json", Workspaces_planner_functions_find_hotels_json),
  ROW("Workspaces/planner/mocks/book_flight.json", Workspaces_planner_mocks_book_flight_json),
  ROW("Workspaces/planner/mocks/find_flights.json", Workspaces_planner_mocks_find_flights_json),
  ROW("Workspaces/planner/mocks/find_hotels.json", Workspaces_planner_mocks_find_hotels_json),
  ROW("Workspaces/planner/prompts/trip.md", Workspaces_planner_prompts_trip_md),
  ROW("Workspaces/planner/recordings/find_flights.jsonl", Workspaces_planner_recordings_find_flights_jsonl),
  ROW("Workspaces/planner/recordings/find_hotels.jsonl", Workspaces_planner_recordings_find_hotels_jsonl),
  ROW("Workspaces/planner/workspace.json", Workspaces_planner_workspace_json),
  ROW("Workspaces/support/functions/get_order_status.json", Workspaces_support_functions_get_order_status_json),
  ROW("Workspaces/support/functions/get_weather.json", Workspaces_support_functions_get_weather_json),
  ROW("Workspaces/support/functions/send_email.json", Workspaces_support_functions_send_email_json),
  ROW("Workspaces/support/mocks/get_order_status.json", Workspaces_support_mocks_get_order_status_json),
  ROW("Workspaces/support/mocks/get_weather.json", Workspaces_support_mocks_get_weather_json),
  ROW("Workspaces/support/mocks/send_email.json", Workspaces_support_mocks_send_email_json),
  ROW("Workspaces/support/permissions.json", Workspaces_support_permissions_json),
  ROW("Workspaces/support/prompts/order.md", Workspaces_support_prompts_order_md),
  ROW("Workspaces/support/sampling/greedy.json", Workspaces_support_sampling_greedy_json),
  ROW("Workspaces/support/workspace.json", Workspaces_support_workspace_json),
  ROW("Workspaces/weather/commands/get_current_time.json", Workspaces_weather_commands_get_current_time_json),
  ROW("Workspaces/weather/functions/get_current_time.json", Workspaces_weather_functions_get_current_time_json),
  ROW("Workspaces/weather/functions/get_weather.json", Workspaces_weather_functions_get_weather_json),
  ROW("Workspaces/weather/mocks/get_current_time.json", Workspaces_weather_mocks_get_current_time_json),
  ROW("Workspaces/weather/mocks/get_weather.json", Workspaces_weather_mocks_get_weather_json),
  ROW("Workspaces/weather/prompts/weather.md", Workspaces_weather_prompts_weather_md),
  ROW("Workspaces/weather/sampling/greedy.json", Workspaces_weather_sampling_greedy_json),
  ROW("Workspaces/weather/workspace.json", Workspaces_weather_workspace_json),
};

const sample_file *sample_files(void) { return files; }
size_t sample_file_count(void) { return sizeof files / sizeof *files; }
