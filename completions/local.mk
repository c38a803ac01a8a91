# Where shells look for what completes a program.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = \
    completions/bash/chatsecure \
    completions/bash/chatsecure-bench \
    completions/bash/chatsecure-server
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = \
    completions/zsh/_chatsecure \
    completions/zsh/_chatsecure-bench \
    completions/zsh/_chatsecure-server
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = \
    completions/fish/chatsecure.fish \
    completions/fish/chatsecure-bench.fish \
    completions/fish/chatsecure-server.fish
