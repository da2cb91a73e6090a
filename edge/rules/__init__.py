"""The hall's rules: pure functions over one state. No I/O, no clock, no random: the moment and ids are passed in."""
