/* The two columns that show something: the main one, and a record that stands beside its list. */
import { $, main } from "./core.js";

export const panes = { list: "" }; // the list's address, while a record stands beside it
export const mainAddress = () => panes.list || location.pathname + location.search;
export const split = () => $("#split");
export const paneOf = (element) => element.closest("[data-pane]") ?? main();

/* Show an address in the pane beside the list. */
export const visitSplit = (path, how) =>
  htmx.ajax("GET", path, { target: "#split", swap: "outerHTML", headers: { "HX-Target": "aside#split" }, ...how });
