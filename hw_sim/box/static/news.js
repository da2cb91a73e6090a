// The live line from the hall: messages as they come, and again after the line was lost.

export function follow(heard, connected) {
  const open = () => {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    socket.onopen = () => connected(true);
    socket.onmessage = (event) => heard(JSON.parse(event.data));
    socket.onclose = () => {
      connected(false);
      setTimeout(open, 1000);
    };
  };
  open();
}
