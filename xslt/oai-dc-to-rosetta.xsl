<?xml version="1.0" encoding="UTF-8"?>
<!--
  Alma's Dublin Core (metadata prefix oai_dc or oai_qdc) to a Rosetta descriptive record.

  What goes in    The child of <metadata>: oai_dc:dc, oai_qdc:dc, a DC record wrapped in anything, or a whole
                  OAI-PMH record. Every dc and dcterms element is found, however deep it lies.
  What comes out  One dc:record, one element a line, in the order in which Alma wrote the elements.

  Left out        Elements without text; an element that repeats another one exactly; every attribute except
                  xsi:type and xml:lang; and what Alma's digital inventory enrichment adds for each
                  representation, because it says where the object lies, not what it is:
                    oai:REPOSITORY-IDENTIFIER:IE123     the OAI identifier by which the record is matched
                    alma_9912345678901234               the MMS ID, also as alma:INSTITUTION/bibs/9912345678901234
                    https://…?dps_pid=IE123             the delivery link
                  One bib may describe many IEs, so these go whichever IE they name.

  Parameters      repository-identifier   only this repository's OAI identifiers are left out; empty: any repository's
                  ie-pid, mms-id          the IE and the bib in hand; not used here, ready for your own templates

  How to change   A field that must not reach Rosetta: add an empty template such as
                    <xsl:template match="dc:source" mode="collect"/>
                  A field under another name: copy the template for dc and dcterms elements, let it match that one
                  element, and give the call of "field" another name. A constant field: write a <field> where the
                  variable "fields" is filled. XSLT 1.0 allows no parameter inside a match pattern: test it with
                  xsl:if inside the template. Run tests/it/stylesheets/refresh.sh and read the differences.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:dcterms="http://purl.org/dc/terms/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:terms11="http://purl.org/dc/terms/1.1/"
    xmlns:oai="http://www.openarchives.org/OAI/2.0/"
    xmlns:exsl="http://exslt.org/common"
    exclude-result-prefixes="terms11 oai exsl">

  <xsl:output method="xml" encoding="UTF-8" omit-xml-declaration="yes" indent="no"/>

  <xsl:param name="repository-identifier"/>
  <xsl:param name="ie-pid"/>
  <xsl:param name="mms-id"/>

  <!-- Two fields with the same key are the same statement; only the first is written. -->
  <xsl:key name="same" match="field" use="concat(@name, '|', @type, '|', @lang, '|', .)"/>

  <!-- Two passes: collect plain fields, then write each different one. Without the first pass nothing could be
       compared after trimming; the new elements also leave Alma's namespace declarations behind. -->
  <xsl:template match="/">
    <xsl:variable name="fields">
      <xsl:apply-templates select="*" mode="collect"/>
    </xsl:variable>
    <dc:record>
      <xsl:for-each select="exsl:node-set($fields)/field">
        <xsl:if test="generate-id() = generate-id(key('same', concat(@name, '|', @type, '|', @lang, '|', .)))">
          <xsl:text>&#10;  </xsl:text>
          <xsl:element name="{@name}">
            <xsl:if test="@type">
              <xsl:attribute name="xsi:type"><xsl:value-of select="@type"/></xsl:attribute>
            </xsl:if>
            <xsl:if test="@lang">
              <xsl:attribute name="xml:lang"><xsl:value-of select="@lang"/></xsl:attribute>
            </xsl:if>
            <xsl:value-of select="."/>
          </xsl:element>
        </xsl:if>
      </xsl:for-each>
      <xsl:text>&#10;</xsl:text>
    </dc:record>
  </xsl:template>

  <!-- Wrappers are only walked through: their names differ from site to site. -->
  <xsl:template match="*" mode="collect">
    <xsl:apply-templates select="*" mode="collect"/>
  </xsl:template>

  <!-- An OAI-PMH <about> may hold Dublin Core too, but it describes the metadata, not the object. -->
  <xsl:template match="oai:about | about" mode="collect"/>

  <!-- A dc or dcterms element is a field, unless it is itself a wrapper such as dc:record. -->
  <xsl:template match="dc:* | dcterms:* | terms11:*" mode="collect">
    <xsl:choose>
      <xsl:when test="self::dc:record or dc:* or dcterms:* or terms11:*">
        <xsl:apply-templates select="*" mode="collect"/>
      </xsl:when>
      <xsl:when test="self::dc:*">
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="concat('dc:', local-name())"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="concat('dcterms:', local-name())"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Identifiers are told apart by their pattern: Alma promises no order, and ISBN and 035 numbers stand among them. -->
  <xsl:template match="dc:identifier | dcterms:identifier | terms11:identifier" mode="collect">
    <xsl:variable name="text" select="normalize-space()"/>

    <!-- (1) oai:REPOSITORY:IE123, as it stands or behind a prefix in round brackets as in MARC 035. -->
    <xsl:variable name="prefix" select="normalize-space(substring-before($text, 'oai:'))"/>
    <xsl:variable name="repository" select="substring-before(substring-after($text, 'oai:'), ':IE')"/>
    <xsl:variable name="oai-number" select="substring-after(substring-after($text, 'oai:'), ':IE')"/>
    <xsl:variable name="is-oai-identifier" select="
        $repository != '' and not(contains($repository, ':'))
        and ($repository-identifier = '' or $repository = $repository-identifier)
        and $oai-number != '' and translate($oai-number, '0123456789', '') = ''
        and ($prefix = '' or (starts-with($prefix, '(') and substring-after($prefix, ')') = '' and contains($prefix, ')')))"/>

    <!-- (2) alma_MMS, or alma:INSTITUTION/bibs/MMS. -->
    <xsl:variable name="mms">
      <xsl:choose>
        <xsl:when test="starts-with($text, 'alma_')"><xsl:value-of select="substring-after($text, 'alma_')"/></xsl:when>
        <xsl:when test="starts-with($text, 'alma:')"><xsl:value-of select="substring-after($text, '/bibs/')"/></xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="is-mms-id" select="$mms != '' and translate($mms, '0123456789', '') = ''"/>

    <!-- (3) dps_pid=IE123, up to the next argument. A number without IE is Alma's own representation and stays. -->
    <xsl:variable name="link-rest" select="translate(substring-after($text, 'dps_pid=IE'), '#; ', '&amp;&amp;&amp;')"/>
    <xsl:variable name="link-number" select="substring-before(concat($link-rest, '&amp;'), '&amp;')"/>
    <xsl:variable name="is-delivery-link" select="$link-number != '' and translate($link-number, '0123456789', '') = ''"/>

    <xsl:if test="not($is-oai-identifier or $is-mms-id or $is-delivery-link)">
      <xsl:call-template name="field">
        <xsl:with-param name="name">
          <xsl:choose>
            <xsl:when test="self::dc:*">dc:identifier</xsl:when>
            <xsl:otherwise>dcterms:identifier</xsl:otherwise>
          </xsl:choose>
        </xsl:with-param>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- One field of the new record. Outer white space goes, inner white space is the cataloguer's and stays. -->
  <xsl:template name="field">
    <xsl:param name="name"/>
    <xsl:variable name="first" select="substring(normalize-space(), 1, 1)"/>
    <xsl:if test="$first != ''">
      <field name="{$name}">
        <xsl:if test="normalize-space(@xsi:type) != ''">
          <xsl:attribute name="type"><xsl:call-template name="type"/></xsl:attribute>
        </xsl:if>
        <xsl:if test="normalize-space(@xml:lang) != ''">
          <xsl:attribute name="lang"><xsl:value-of select="normalize-space(@xml:lang)"/></xsl:attribute>
        </xsl:if>
        <xsl:call-template name="without-trailing-space">
          <xsl:with-param name="text" select="concat($first, substring-after(., $first))"/>
        </xsl:call-template>
      </field>
    </xsl:if>
  </xsl:template>

  <!-- xsi:type is a QName: a feed that calls the DCMI terms dct: or t: means dcterms:. Other types are left as they are. -->
  <xsl:template name="type">
    <xsl:variable name="type" select="normalize-space(@xsi:type)"/>
    <xsl:variable name="namespace" select="string(namespace::*[name() = substring-before($type, ':')])"/>
    <xsl:choose>
      <xsl:when test="$namespace != 'http://purl.org/dc/terms/' and $namespace != 'http://purl.org/dc/terms/1.1/'">
        <xsl:value-of select="$type"/>
      </xsl:when>
      <xsl:when test="contains($type, ':')">
        <xsl:value-of select="concat('dcterms:', substring-after($type, ':'))"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:value-of select="concat('dcterms:', $type)"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Cuts white space off the end: 512 characters a step, then 256, and so on, because recursion depth is limited. -->
  <xsl:template name="without-trailing-space">
    <xsl:param name="text"/>
    <xsl:param name="step" select="512"/>
    <xsl:variable name="kept" select="string-length($text) - $step"/>
    <xsl:choose>
      <xsl:when test="normalize-space(substring($text, string-length($text))) != ''">
        <xsl:value-of select="$text"/>
      </xsl:when>
      <xsl:when test="$kept &gt; 0 and normalize-space(substring($text, $kept + 1)) = ''">
        <xsl:call-template name="without-trailing-space">
          <xsl:with-param name="text" select="substring($text, 1, $kept)"/>
          <xsl:with-param name="step" select="$step"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="without-trailing-space">
          <xsl:with-param name="text" select="$text"/>
          <xsl:with-param name="step" select="$step div 2"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
