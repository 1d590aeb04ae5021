"""exp"""
from __future__ import annotations
from dataclasses import dataclass
import cv2, numpy as np
from skimage.feature import daisy

def daisy_map(view, radius_m, ppm, fill):
    f = ppm / view.pixels_per_metre
    l,t,r,b = view.box
    rad=int(round(radius_m*ppm)); m = rad/f+8
    H,W=view.mask.shape
    # resample with border replicate through remap
    x0=l-m; y0=t-m; w=int(np.ceil((r-l+2*m)*f)); h=int(np.ceil((b-t+2*m)*f))
    gu=(np.arange(w)/f+x0).astype(np.float32); gv=(np.arange(h)/f+y0).astype(np.float32)
    mu,mv=np.meshgrid(gu,gv)
    gray=cv2.cvtColor(np.array(view.color_rgb),cv2.COLOR_RGB2GRAY).astype(np.float32)/255
    if f<1: gray=cv2.GaussianBlur(gray,(0,0),0.5/f)
    img=cv2.remap(gray,mu,mv,cv2.INTER_CUBIC,borderMode=cv2.BORDER_REPLICATE)
    if fill:
        mask=cv2.remap(view.mask.astype(np.float32),mu,mv,cv2.INTER_LINEAR)
        mean=gray[view.mask].mean(); img=img*mask+mean*(1-mask)
    step=4
    d=daisy(img,step=step,radius=rad,rings=3,histograms=8,orientations=8)
    cu,cv=view.cell_centres()
    px=((cu-x0)*f-rad)/step; py=((cv-y0)*f-rad)/step
    out=np.empty(cu.shape+(d.shape[2],),np.float32)
    for c0 in range(0,d.shape[2],4):
        out[...,c0:c0+4]=cv2.remap(np.ascontiguousarray(d[:,:,c0:c0+4],dtype=np.float32),px.astype(np.float32),py.astype(np.float32),cv2.INTER_LINEAR,borderMode=cv2.BORDER_REPLICATE)
    return out
