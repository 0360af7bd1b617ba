"""Renders cases.txt with Jinja2 as transformers sets it up and writes cases.jsonl: first the context, then the rows."""
import json, datetime, os
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.exceptions import TemplateError
import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
class Gen(Extension):
    tags={"generation"}
    def parse(self,parser):
        ln=next(parser.stream).lineno
        body=parser.parse_statements(["name:endgeneration"],drop_needle=True)
        return nodes.CallBlock(self.call_method("_g"),[],[],body).set_lineno(ln)
    def _g(self,caller): return caller()
def mk():
    env=ImmutableSandboxedEnvironment(trim_blocks=True,lstrip_blocks=True,extensions=[Gen,"jinja2.ext.loopcontrols"])
    def tojson(x,ensure_ascii=False,indent=None,separators=None,sort_keys=False):
        return json.dumps(x,ensure_ascii=ensure_ascii,indent=indent,separators=separators,sort_keys=sort_keys)
    tojson.__qualname__="tojson"
    env.filters["tojson"]=tojson
    def rexc(message): raise TemplateError(message)
    rexc.__qualname__="raise_exception"
    env.globals["raise_exception"]=rexc
    env.globals["strftime_now"]=lambda f: datetime.datetime(2025,11,23,12,34,56).strftime(f)
    return env
ctx={"s":"  Hello, World! \n","p":"a,b,,c","u":"ßSéİ ǅ","z":"","n":None,"t":True,"f":False,"i":42,"fl":1.5,"xs":[3,1,2],"d":{"b":2,"a":1,"C":3},"e":[],"ed":{},"m":[{"role":"user","content":"hi"},{"role":"assistant","content":"yo","x":1},{"role":"user","content":"再见"}],"v":"old","w":"中文 text, with-hyphen words and émigré"}
here=os.path.dirname(os.path.abspath(__file__))
T=open(here+'/cases.txt',encoding='utf8').read().split('\n')
T=[json.loads(x) if x.startswith('"') else x for x in T if x.strip()]
out=open(here+'/cases.jsonl','w')
out.write(json.dumps(ctx)+'\n')
for i,t in enumerate(T):
    row={"template":t}
    try:
        row["rendered"]=mk().from_string(t).render(**json.loads(json.dumps(ctx)))
        json.dumps(row).encode(); row["rendered"].encode()
    except Exception as ex:
        row.pop("rendered",None)
        row["error"]=type(ex).__name__; row["message"]=str(ex)
    out.write(json.dumps(row)+"\n")
