/** The look of the reference page: the reader's own fonts and colours. */
export const referenceStyle = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
h2 { margin-top: 2.5rem; text-transform: capitalize; border-bottom: 1px solid #8886 }
details { border: 1px solid #8886; border-radius: 6px; margin: .4rem 0; padding: .4rem .8rem }
summary { cursor: pointer } summary span { opacity: .75 }
summary b { display: inline-block; min-width: 4.5rem }
.GET { color: #2b7de0 } .POST { color: #2a9d5c } .DELETE { color: #d9453d } .PUT, .PATCH { color: #b7791f }
code, pre { font: .88em ui-monospace, monospace } pre { background: #8881; padding: .6rem; overflow: auto; border-radius: 4px }
table { border-collapse: collapse } td { border-top: 1px solid #8884; padding: .2rem .8rem .2rem 0; vertical-align: top }
h4 { margin: .8rem 0 .2rem }
`;
