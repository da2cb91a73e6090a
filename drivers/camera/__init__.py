"""Document cameras (高拍仪): a stream of pictures, and the page cut out of one of them."""
