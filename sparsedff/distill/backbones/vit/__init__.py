"""Vision transformers as backbones: DINOv2 in its official files, and any plain ViT of transformers."""
