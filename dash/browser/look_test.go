package browser_test
import ("testing";"os";"github.com/chromedp/chromedp";"fmt")
func TestLook(t *testing.T){
 url:=os.Getenv("LOOK"); if url=="" {t.Skip()}
 for _,c:=range []struct{w int64; s string}{{1440,"light"},{1440,"dark"},{390,"light"},{390,"dark"}} {
  b:=open(t,url,c.w,c.s)
  b.await(`document.querySelectorAll("#metrics tbody tr").length > 50`)
  b.keep(fmt.Sprintf("look-%d-%s",c.w,c.s))
  h:=eval[int64](b,"document.documentElement.scrollHeight")
  b.do(chromedp.EmulateViewport(c.w,1000))
  for y:=int64(0); y<h && y<6000; y+=1000 {
    eval[any](b, fmt.Sprintf("window.scrollTo(0,%d)",y))
    b.do(chromedp.Sleep(500e6))
    png,err:=chromedp.Run(b.ctx,chromedp.CaptureScreenshot()); b.must(err)
    os.WriteFile(fmt.Sprintf("/tmp/whet-shots/look-%d-%s-%d.png",c.w,c.s,y/1000),png,0o644)
  }
 }
}
