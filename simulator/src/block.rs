//! Pieces of bodies: each in the storage format and as nodes of an Atlassian document.
//!
//! `§` becomes a sentence, escaped as the format wants it; `¶` one that is not escaped, in CDATA.
//! Both forms of a piece have them in the same order, so that both say the same.

/// Storage format, and the same as nodes separated by commas.
pub(crate) const BLOCKS: [(&str, &str); 34] = [
    (
        "<p>§ § §</p>",
        r#"{"type":"paragraph","content":[{"type":"text","text":"§ § §"}]}"#,
    ),
    (
        "<p>§ § <strong>§</strong> §</p>",
        r#"{"type":"paragraph","content":[{"type":"text","text":"§ § "},{"type":"text","text":"§","marks":[{"type":"strong"}]},{"type":"text","text":" §"}]}"#,
    ),
    (
        "<p>§ <em>§</em></p><p />",
        r#"{"type":"paragraph","content":[{"type":"text","text":"§ "},{"type":"text","text":"§","marks":[{"type":"em"}]}]},{"type":"paragraph"}"#,
    ),
    (
        "<p>§ § § § <code>§</code></p>",
        r#"{"type":"paragraph","content":[{"type":"text","text":"§ § § § "},{"type":"text","text":"§","marks":[{"type":"code"}]}]}"#,
    ),
    (
        "<p>§ § § §</p><p>§ §</p>",
        r#"{"type":"paragraph","content":[{"type":"text","text":"§ § § §"}]},{"type":"paragraph","content":[{"type":"text","text":"§ §"}]}"#,
    ),
    (
        "<p>§</p><p>§ § § § §</p>",
        r#"{"type":"paragraph","content":[{"type":"text","text":"§"}]},{"type":"paragraph","content":[{"type":"text","text":"§ § § § §"}]}"#,
    ),
    (
        "<h2>§</h2>",
        r#"{"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"§"}]}"#,
    ),
    (
        "<h1>§</h1><h3><strong>§</strong></h3><h6>§</h6>",
        r#"{"type":"heading","attrs":{"level":1},"content":[{"type":"text","text":"§"}]},{"type":"heading","attrs":{"level":3},"content":[{"type":"text","text":"§","marks":[{"type":"strong"}]}]},{"type":"heading","attrs":{"level":6},"content":[{"type":"text","text":"§"}]}"#,
    ),
    (
        "<ul><li><p>§</p></li><li><p>§</p><ol start=\"1\"><li><p>§</p></li></ol></li></ul>",
        r#"{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]},{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]},{"type":"orderedList","attrs":{"order":1},"content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}]}]}]}"#,
    ),
    (
        "<ol start=\"3\"><li><p>§</p><ul><li>§<ul><li><p>§</p><p>§</p></li></ul></li></ul></li></ol>",
        r#"{"type":"orderedList","attrs":{"order":3},"content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]},{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]},{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]},{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}]}]}]}]}]}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="info" ac:schema-version="1">
<ac:parameter ac:name="title">§</ac:parameter><ac:rich-text-body><p>§</p></ac:rich-text-body>
</ac:structured-macro>"#,
        r#"{"type":"panel","attrs":{"panelType":"info"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§","marks":[{"type":"strong"}]}]},{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="note" ac:schema-version="1"><ac:rich-text-body><p>§</p><ul><li><p>§</p></li></ul></ac:rich-text-body></ac:structured-macro>"#,
        r#"{"type":"panel","attrs":{"panelType":"note"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]},{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}]}]}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="warning" ac:schema-version="1"><ac:rich-text-body><p>§</p></ac:rich-text-body></ac:structured-macro><ac:structured-macro ac:name="tip"><ac:rich-text-body><p>§</p></ac:rich-text-body></ac:structured-macro>"#,
        r#"{"type":"panel","attrs":{"panelType":"error"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]},{"type":"panel","attrs":{"panelType":"success"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="expand" ac:schema-version="1"><ac:parameter ac:name="title">§</ac:parameter><ac:rich-text-body><p>§</p><ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[¶]]></ac:plain-text-body></ac:structured-macro></ac:rich-text-body></ac:structured-macro>"#,
        r#"{"type":"expand","attrs":{"title":"§"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]},{"type":"codeBlock","content":[{"type":"text","text":"¶"}]}]}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="code" ac:schema-version="1">
<ac:parameter ac:name="language">sql</ac:parameter><ac:plain-text-body><![CDATA[
select "id", count(*) from t where a < 3 && b > 'x' group by 1; -- ¶
]]></ac:plain-text-body></ac:structured-macro>"#,
        r#"{"type":"codeBlock","attrs":{"language":"sql"},"content":[{"type":"text","text":"\nselect \"id\", count(*) from t where a < 3 && b > 'x' group by 1; -- ¶\n"}]}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">java</ac:parameter><ac:parameter ac:name="linenumbers">true</ac:parameter><ac:plain-text-body><![CDATA[if (a[b[0]]]]><![CDATA[> 1) { // <p>not markup</p> &amp; ¶
	return;
}]]></ac:plain-text-body></ac:structured-macro>"#,
        r#"{"type":"codeBlock","attrs":{"language":"java"},"content":[{"type":"text","text":"if (a[b[0]]> 1) { // <p>not markup</p> &amp; ¶\n\treturn;\n}"}]}"#,
    ),
    (
        r#"<table data-layout="default"><colgroup><col style="width: 340.0px;" /><col /></colgroup><tbody>
<tr><th><p>§</p></th><th><p>§</p></th></tr><tr><td><p>§</p></td><td><p><br /></p></td></tr>
<tr><td colspan="2"><p>§</p></td></tr></tbody></table>"#,
        r#"{"type":"table","attrs":{"layout":"default"},"content":[{"type":"tableRow","content":[{"type":"tableHeader","attrs":{"colwidth":[340]},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]},{"type":"tableHeader","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}]},{"type":"tableRow","content":[{"type":"tableCell","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]},{"type":"tableCell","content":[{"type":"paragraph","content":[{"type":"hardBreak"}]}]}]},{"type":"tableRow","content":[{"type":"tableCell","attrs":{"colspan":2},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}]}]}"#,
    ),
    (
        r##"<table><tbody><tr><td rowspan="2" data-highlight-colour="#e3fcef"><p>§</p></td><td><ac:structured-macro ac:name="status"><ac:parameter ac:name="colour">Green</ac:parameter><ac:parameter ac:name="title">DONE</ac:parameter></ac:structured-macro></td></tr><tr><td><ac:structured-macro ac:name="info"><ac:rich-text-body><p>§</p><ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[¶]]></ac:plain-text-body></ac:structured-macro></ac:rich-text-body></ac:structured-macro></td></tr></tbody></table>"##,
        r##"{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","attrs":{"rowspan":2,"background":"#e3fcef"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]},{"type":"tableCell","content":[{"type":"paragraph","content":[{"type":"status","attrs":{"text":"DONE","color":"green"}}]}]}]},{"type":"tableRow","content":[{"type":"tableCell","content":[{"type":"panel","attrs":{"panelType":"info"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]},{"type":"codeBlock","content":[{"type":"text","text":"¶"}]}]}]}]}]}"##,
    ),
    (
        r#"<ac:image ac:align="center" ac:width="680" ac:alt="a &quot;diagram&quot;">
<ri:attachment ri:filename="diagram &amp; notes.png" ri:version-at-save="1" /></ac:image>"#,
        r#"{"type":"mediaSingle","attrs":{"layout":"center","width":680,"widthType":"pixel"},"content":[{"type":"media","attrs":{"type":"file","id":"d1a9c7b2-3e4f-4a5b-8c6d-7e8f90a1b2c3","collection":"","alt":"a \"diagram\"","__fileName":"diagram & notes.png"}}]}"#,
    ),
    (
        r#"<ac:image ac:thumbnail="true"><ri:url ri:value="https://img.example.com/a.png?x=1&amp;y=2" /><ac:caption><p>§</p></ac:caption></ac:image>"#,
        r#"{"type":"mediaSingle","attrs":{"layout":"center"},"content":[{"type":"media","attrs":{"type":"external","url":"https://img.example.com/a.png?x=1&y=2"}},{"type":"caption","content":[{"type":"text","text":"§"}]}]}"#,
    ),
    (
        r#"<p><ac:link><ri:page ri:content-title="Road map" ri:space-key="ENG" />
<ac:link-body>§</ac:link-body></ac:link> <ac:emoticon ac:name="blue-star"
ac:emoji-shortname=":rocket:" ac:emoji-fallback="🚀" /></p>"#,
        r#"{"type":"paragraph","content":[{"type":"text","text":"§","marks":[{"type":"link","attrs":{"href":"/wiki/display/ENG/Road+map"}}]},{"type":"text","text":" "},{"type":"emoji","attrs":{"shortName":":rocket:","text":"🚀"}}]}"#,
    ),
    (
        r#"<p><a href="https://example.com/?a=1&amp;b=%20">§</a> <ac:link ac:anchor="top"><ac:plain-text-link-body><![CDATA[¶]]></ac:plain-text-link-body></ac:link> <ac:link><ri:attachment ri:filename="notes+questions?.txt"><ri:page ri:content-title="Onboarding" /></ri:attachment></ac:link> <ac:link><ri:space ri:space-key="~712020ab" /></ac:link> <ac:link><ri:blog-post ri:content-title="News" ri:posting-day="2026/05/04" /></ac:link></p>"#,
        r##"{"type":"paragraph","content":[{"type":"text","text":"§","marks":[{"type":"link","attrs":{"href":"https://example.com/?a=1&b=%20"}}]},{"type":"text","text":" "},{"type":"text","text":"¶","marks":[{"type":"link","attrs":{"href":"#top"}}]},{"type":"text","text":" "},{"type":"inlineCard","attrs":{"url":"https://example.com/wiki/spaces/~712020ab"}},{"type":"text","text":" News"}]}"##,
    ),
    (
        r#"<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status>
<ac:task-body><span class="placeholder-inline-tasks">§</span></ac:task-body></ac:task>
<ac:task><ac:task-id>2</ac:task-id><ac:task-status>complete</ac:task-status>
<ac:task-body>§</ac:task-body></ac:task></ac:task-list>"#,
        r#"{"type":"taskList","attrs":{"localId":"l"},"content":[{"type":"taskItem","attrs":{"localId":"1","state":"TODO"},"content":[{"type":"text","text":"§"}]},{"type":"taskItem","attrs":{"localId":"2","state":"DONE"},"content":[{"type":"text","text":"§"}]}]}"#,
    ),
    (
        r#"<ac:layout><ac:layout-section ac:type="two_equal" ac:breakout-mode="default">
<ac:layout-cell><p>§</p></ac:layout-cell><ac:layout-cell><p><time datetime="2026-05-04" /></p>
</ac:layout-cell></ac:layout-section></ac:layout>"#,
        r#"{"type":"layoutSection","content":[{"type":"layoutColumn","attrs":{"width":50},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]},{"type":"layoutColumn","attrs":{"width":50},"content":[{"type":"paragraph","content":[{"type":"date","attrs":{"timestamp":"1777852800000"}}]}]}]}"#,
    ),
    (
        r#"<ac:adf-extension><ac:adf-node type="panel">
<ac:adf-attribute key="panel-type">note</ac:adf-attribute>
<ac:adf-content><p>§</p></ac:adf-content></ac:adf-node></ac:adf-extension>"#,
        r#"{"type":"panel","attrs":{"panelType":"note"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}"#,
    ),
    (
        r#"<p><ac:link><ri:user ri:account-id="712020:00000000-0000-4000-8000-000000000000" /></ac:link>
&nbsp;&mdash; <ac:structured-macro ac:name="jira"><ac:parameter ac:name="key">OPS-17</ac:parameter>
</ac:structured-macro></p>"#,
        r#"{"type":"paragraph","content":[{"type":"mention","attrs":{"id":"712020:00000000-0000-4000-8000-000000000000","text":"@Somebody"}},{"type":"text","text":" — "},{"type":"inlineExtension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"jira","parameters":{"macroParams":{"key":{"value":"OPS-17"}}}}}]}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="toc" /><blockquote><p>§</p></blockquote><hr />"#,
        r#"{"type":"extension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"toc","parameters":{}}},{"type":"blockquote","content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]},{"type":"rule"}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="vendor-chart" ac:schema-version="3"><ac:parameter ac:name="">default</ac:parameter><ac:parameter ac:name="source"><ri:attachment ri:filename="export.json" /></ac:parameter></ac:structured-macro><p>§</p>"#,
        r#"{"type":"extension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"vendor-chart","parameters":{"macroParams":{"":{"value":"default"},"source":{"value":"export.json"}}}}},{"type":"paragraph","content":[{"type":"text","text":"§"}]}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="vendor-box"><ac:parameter ac:name="title">§</ac:parameter><ac:rich-text-body><h4>§</h4><ac:structured-macro ac:name="vendor-inner"><ac:rich-text-body><p>§</p></ac:rich-text-body></ac:structured-macro></ac:rich-text-body></ac:structured-macro>"#,
        r#"{"type":"bodiedExtension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"vendor-box","parameters":{"macroParams":{"title":{"value":"§"}}}},"content":[{"type":"heading","attrs":{"level":4},"content":[{"type":"text","text":"§"}]},{"type":"bodiedExtension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"vendor-inner"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]}]}"#,
    ),
    (
        "<p>&lt;b&gt; &amp;amp; &hellip; &rsquo;§&rsquo; &euro; &#8364; &#x1F600; &copy;&nbsp;&times; &auml;&szlig;</p>",
        r#"{"type":"paragraph","content":[{"type":"text","text":"<b> &amp; … ’§’ € € 😀 © × äß"}]}"#,
    ),
    (
        r#"<p style="text-align: center;"><u>§</u> <del>§</del><br />H<sub>2</sub>O, x<sup>2</sup> <span style="color: rgb(255,86,48);">§</span> <time datetime="2024-02-29" /> <ac:emoticon ac:name="smile" /></p>"#,
        r##"{"type":"paragraph","marks":[{"type":"alignment","attrs":{"align":"center"}}],"content":[{"type":"text","text":"§","marks":[{"type":"underline"}]},{"type":"text","text":" "},{"type":"text","text":"§","marks":[{"type":"strike"}]},{"type":"hardBreak"},{"type":"text","text":"H"},{"type":"text","text":"2","marks":[{"type":"subsup","attrs":{"type":"sub"}}]},{"type":"text","text":"O, x"},{"type":"text","text":"2","marks":[{"type":"subsup","attrs":{"type":"sup"}}]},{"type":"text","text":" "},{"type":"text","text":"§","marks":[{"type":"textColor","attrs":{"color":"#ff5630"}}]},{"type":"text","text":" "},{"type":"date","attrs":{"timestamp":"1709164800000"}},{"type":"text","text":" "},{"type":"emoji","attrs":{"shortName":":slight_smile:","text":"🙂"}}]}"##,
    ),
    (
        r#"<ac:structured-macro ac:name="excerpt"><ac:rich-text-body><p>§</p></ac:rich-text-body></ac:structured-macro><ac:structured-macro ac:name="include"><ac:parameter ac:name=""><ac:link><ri:page ri:content-title="Übersicht" /></ac:link></ac:parameter></ac:structured-macro>"#,
        r#"{"type":"bodiedExtension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"excerpt"},"content":[{"type":"paragraph","content":[{"type":"text","text":"§"}]}]},{"type":"extension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"include","parameters":{"macroParams":{"":{"value":"Übersicht"}}}}}"#,
    ),
    (
        r#"<ac:structured-macro ac:name="attachments" /><ac:structured-macro ac:name="view-file"><ac:parameter ac:name="name"><ri:attachment ri:filename="budget 2026 (final).xlsx" /></ac:parameter></ac:structured-macro><p>§</p>"#,
        r#"{"type":"extension","attrs":{"extensionType":"com.atlassian.confluence.macro.core","extensionKey":"attachments"}},{"type":"mediaGroup","content":[{"type":"media","attrs":{"type":"file","id":"a1b2c3d4-0000-4000-8000-000000000000","collection":"","__fileName":"budget 2026 (final).xlsx"}}]},{"type":"paragraph","content":[{"type":"text","text":"§"}]}"#,
    ),
    (
        r#"<ac:adf-extension><ac:adf-node type="decision-list"><ac:adf-node type="decision-item"><ac:adf-attribute key="state">DECIDED</ac:adf-attribute><ac:adf-content>§</ac:adf-content></ac:adf-node></ac:adf-node><ac:adf-fallback><ul class="decision-list"><li>Decision</li></ul></ac:adf-fallback></ac:adf-extension>"#,
        r#"{"type":"decisionList","attrs":{"localId":"d"},"content":[{"type":"decisionItem","attrs":{"localId":"i","state":"DECIDED"},"content":[{"type":"text","text":"§"}]}]}"#,
    ),
];
