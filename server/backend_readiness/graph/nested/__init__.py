"""Routes written as calls in nested blocks: `namespace :admin do resources :orders do member do post :pay end end end`."""
