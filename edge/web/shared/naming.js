// Whose page it is: the hall's short name, and the words of the city's logo for whoever does not see it.

export function nameHall(catalogue, words) {
  document.getElementById("hall-name").textContent = words.own(catalogue.hall_short);
  document.querySelector(".bar-mark").alt = words.own(catalogue.logo_name);
}
