"""What download.sh and pth_download.sh do: fetch, check, unpack."""
