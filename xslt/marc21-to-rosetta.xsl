<?xml version="1.0" encoding="UTF-8"?>
<!--
  Alma's MARC 21 (metadata prefix marc21) to a Rosetta descriptive record.

  What goes in    One MARCXML record, with or without its namespace; alone, in a collection, in an Alma <bib> or in an
                  OAI-PMH record. None, or more than one, ends in an error: two bibs must never become one description.
  What comes out  One dc:record, one element a line, in the order of the list in the template for "/".
                  The mapping follows the Library of Congress crosswalk from MARC to qualified Dublin Core; where it
                  departs from it, a comment says why.

  Left out        Every tag that the template for "/" does not name. Among them on purpose: 035 and Alma's own AVA, AVD,
                  AVE and so on (control numbers and inventory, not description); local fields (59X, 69X, 9XX); 541, 583
                  and 588 (work on the copy or on the record); private 542 and 561 (first indicator 0); delivery links
                  into Rosetta. Subfields $0 $1 $2 $3 $5 $6 $8 $9 are never part of a value.

  Other scripts   An 880 field is read as the field that its $6 names, with a partner (245-01) or without one (245-00).
                  It gets xml:lang="und-Hebr" and the like when $6 says the script; the language of it is not known.

  Parameters      write-mms-id            'yes' writes the MMS ID as urn:ControlNumber:… ; anything else does not
                  mms-id                  the MMS ID to write; empty: the one in 001
                  ie-pid, repository-identifier   not used here, ready for your own templates

  How to change   The template for "/" is the mapping: one entry a line of target, with the MARC tags, the subfields
                  (codes), what to put between two subfields when the cataloguer left the punctuation out (marks:
                  "b= :|n=.|" means " :" before $b and "." before $n) and what to cut off the end (end: 'stop' ISBD
                  marks and full stop, 'mark' ISBD marks only, 'none' nothing). Mode "whole" makes one value of a field,
                  mode "each" one value of each subfield. parts/marc21-values.xsl has the rest: how dates and codes
                  are read, how punctuation is trimmed, the lists of types and of abbreviations. Run tests/it/stylesheets/refresh.sh and read the differences.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:dcterms="http://purl.org/dc/terms/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:marc="http://www.loc.gov/MARC21/slim"
    xmlns:exsl="http://exslt.org/common"
    exclude-result-prefixes="marc exsl">

  <xsl:include href="parts/marc21-values.xsl"/>

  <xsl:output method="xml" encoding="UTF-8" omit-xml-declaration="yes" indent="no"/>

  <xsl:param name="write-mms-id"/>
  <xsl:param name="mms-id"/>
  <xsl:param name="ie-pid"/>
  <xsl:param name="repository-identifier"/>

  <!-- Fields by tag; an 880 also under the tag that its $6 names. One walk over the record instead of one a tag. -->
  <xsl:key name="field" match="*[@tag]" use="@tag"/>
  <xsl:key name="field" match="*[@tag = '880']" use="substring(*[@code = '6'], 1, 3)"/>

  <!-- Two fields with the same key are the same statement; only the first is written. -->
  <xsl:key name="same" match="field" use="concat(@name, '|', @type, '|', @lang, '|', .)"/>

  <xsl:variable name="record" select="//marc:record | //record[leader or datafield]"/>
  <xsl:variable name="leader" select="string($record/marc:leader | $record/leader)"/>
  <xsl:variable name="coded" select="string(key('field', '008'))"/>

  <!-- Notes for the public that have no term of their own. -->
  <xsl:variable name="notes" select="'500 501 504 507 508 511 514 515 516 518 525 533 536 544 545 546 547 550 552 555 556 562 563 565 567 580 585 586'"/>

  <!-- ============================== The mapping ============================== -->

  <xsl:template match="/">
    <xsl:if test="count($record) != 1">
      <xsl:message terminate="yes">expected one MARC record, found <xsl:value-of select="count($record)"/></xsl:message>
    </xsl:if>
    <xsl:variable name="fields">

      <!-- Identifiers. 020 and 022 only when they are whole numbers; $y and $z are the wrong ones. -->
      <xsl:if test="$write-mms-id = 'yes'">
        <xsl:variable name="mms" select="normalize-space(concat($mms-id, substring(key('field', '001'), 1, 99 * ($mms-id = ''))))"/>
        <xsl:if test="$mms != ''">
          <xsl:call-template name="field">
            <xsl:with-param name="name" select="'dc:identifier'"/><xsl:with-param name="type" select="'dcterms:URI'"/>
            <xsl:with-param name="text" select="concat('urn:ControlNumber:', $mms)"/>
          </xsl:call-template>
        </xsl:if>
      </xsl:if>
      <xsl:apply-templates select="key('field', '020')/*[@code = 'a']" mode="isbn"/>
      <xsl:apply-templates select="key('field', '022')/*[@code = 'a']" mode="issn"/>
      <xsl:apply-templates select="key('field', '024')[@ind1 = '7']/*[@code = 'a']" mode="other-number"/>
      <xsl:apply-templates select="key('field', '856')/*[@code = 'u']" mode="link"/>

      <!-- Title. $c is left out: it repeats, in the words of the title page, the names that creator and contributor
           have in their authorised form. $h is left out: the type says it. -->
      <xsl:apply-templates select="key('field', '245')" mode="whole">
        <xsl:with-param name="name" select="'dc:title'"/><xsl:with-param name="codes" select="'abfgknp'"/>
        <xsl:with-param name="marks" select="'b= :|f=,|k=.|n=.|p=.|'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '130') | key('field', '240') | key('field', '210') | key('field', '242')
          | key('field', '246') | key('field', '247') | (key('field', '730') | key('field', '740'))[not(@ind2 = '2')]" mode="whole">
        <xsl:with-param name="name" select="'dcterms:alternative'"/><xsl:with-param name="codes" select="'abdfgklmnoprs'"/>
        <xsl:with-param name="marks" select="'b= :|f=.|k=.|l=.|n=.|p=.|s=.|'"/></xsl:apply-templates>

      <!-- Names. The crosswalk calls all of them contributors; the main entry is the creator to everybody else. -->
      <xsl:apply-templates select="key('field', '100') | key('field', '110') | key('field', '111')" mode="name">
        <xsl:with-param name="name" select="'dc:creator'"/></xsl:apply-templates>
      <xsl:apply-templates select="(key('field', '700') | key('field', '710') | key('field', '711') | key('field', '720'))[not(*[@code = 't'])]" mode="name">
        <xsl:with-param name="name" select="'dc:contributor'"/></xsl:apply-templates>

      <!-- Publisher. 264 is a publication statement only with second indicator 1; the place is left out, because a
           place is no publisher. -->
      <xsl:apply-templates select="key('field', '260') | key('field', '264')[@ind2 = '1']" mode="each">
        <xsl:with-param name="name" select="'dc:publisher'"/><xsl:with-param name="codes" select="'b'"/></xsl:apply-templates>

      <!-- Dates: the coded ones of 008; the transcribed ones only when 008 has none. -->
      <xsl:variable name="dates"><xsl:call-template name="coded-dates"/></xsl:variable>
      <xsl:copy-of select="$dates"/>
      <xsl:if test="string($dates) = ''">
        <!-- "[date of publication not identified]" is no date: in brackets there must be a digit. -->
        <xsl:variable name="dated" select="(key('field', '260') | key('field', '264'))[not(starts-with(*[@code = 'c'], '['))
            or translate(*[@code = 'c'], '0123456789', '') != string(*[@code = 'c'])]"/>
        <xsl:apply-templates select="$dated[@ind2 = '1' and not(@tag = '260')]" mode="each">
          <xsl:with-param name="name" select="'dcterms:issued'"/><xsl:with-param name="codes" select="'c'"/></xsl:apply-templates>
        <xsl:apply-templates select="$dated[@ind2 = '0' and not(@tag = '260')]" mode="each">
          <xsl:with-param name="name" select="'dcterms:created'"/><xsl:with-param name="codes" select="'c'"/></xsl:apply-templates>
        <xsl:apply-templates select="$dated[@ind2 = '4' and not(@tag = '260')]" mode="each">
          <xsl:with-param name="name" select="'dcterms:dateCopyrighted'"/><xsl:with-param name="codes" select="'c'"/></xsl:apply-templates>
        <!-- 260 does not say whether its date is of issue, of printing or of copyright. -->
        <xsl:apply-templates select="$dated[@tag = '260' or (@tag = '880' and starts-with(*[@code = '6'], '260'))]" mode="each">
          <xsl:with-param name="name" select="'dc:date'"/><xsl:with-param name="codes" select="'cg'"/></xsl:apply-templates>
      </xsl:if>

      <!-- Languages: $d, what is sung or spoken, counts as $a does. -->
      <xsl:call-template name="languages">
        <xsl:with-param name="text" select="substring($coded, 36, 3)"/>
      </xsl:call-template>
      <xsl:apply-templates select="key('field', '041')/*[@code = 'a' or @code = 'd']" mode="language"/>

      <!-- Type and physical form. -->
      <xsl:call-template name="leader-type"/>
      <xsl:apply-templates select="key('field', '336')/*[@code = 'a' or @code = 'b']" mode="content-type"/>
      <xsl:apply-templates select="key('field', '655')" mode="subject"><xsl:with-param name="name" select="'dc:type'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '653')[@ind2 = '6']" mode="each">
        <xsl:with-param name="name" select="'dc:type'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '856')[*[@code = 'q'][contains(., '/')]]" mode="each">
        <xsl:with-param name="name" select="'dc:format'"/><xsl:with-param name="codes" select="'q'"/>
        <xsl:with-param name="type" select="'dcterms:IMT'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '300')" mode="whole">
        <xsl:with-param name="name" select="'dcterms:extent'"/><xsl:with-param name="codes" select="'abcefg'"/>
        <xsl:with-param name="marks" select="'b= :|c= ;|e= +|'"/><xsl:with-param name="end" select="'mark'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '340')" mode="each">
        <xsl:with-param name="name" select="'dcterms:medium'"/><xsl:with-param name="codes" select="'ace'"/></xsl:apply-templates>

      <!-- Notes are sentences: their punctuation stays. 520 is an abstract, except reviews and advice on content. -->
      <xsl:apply-templates select="key('field', '520')[not(@ind1 = '1' or @ind1 = '4')]" mode="whole">
        <xsl:with-param name="name" select="'dcterms:abstract'"/><xsl:with-param name="codes" select="'abc'"/>
        <xsl:with-param name="end" select="'none'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '505')" mode="whole">
        <xsl:with-param name="name" select="'dcterms:tableOfContents'"/><xsl:with-param name="codes" select="'agrt'"/>
        <xsl:with-param name="end" select="'none'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '250') | key('field', '255')" mode="whole">
        <xsl:with-param name="name" select="'dc:description'"/><xsl:with-param name="codes" select="'ab'"/>
        <xsl:with-param name="marks" select="'b= ;|'"/><xsl:with-param name="end" select="'mark'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '502')" mode="whole">
        <xsl:with-param name="name" select="'dc:description'"/><xsl:with-param name="codes" select="'abcdg'"/>
        <xsl:with-param name="marks" select="'c=,|d=,|g=.|'"/><xsl:with-param name="end" select="'none'"/></xsl:apply-templates>
      <xsl:apply-templates select="$record/*[substring(@tag, 1, 1) = '5' or @tag = '880']" mode="note"/>
      <xsl:apply-templates select="key('field', '521')" mode="whole">
        <xsl:with-param name="name" select="'dcterms:audience'"/><xsl:with-param name="codes" select="'ab'"/>
        <xsl:with-param name="end" select="'none'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '524')" mode="whole">
        <xsl:with-param name="name" select="'dcterms:bibliographicCitation'"/><xsl:with-param name="end" select="'none'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '538')" mode="whole">
        <xsl:with-param name="name" select="'dcterms:requires'"/><xsl:with-param name="end" select="'none'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '561')[not(@ind1 = '0')]" mode="whole">
        <xsl:with-param name="name" select="'dcterms:provenance'"/><xsl:with-param name="end" select="'none'"/></xsl:apply-templates>

      <!-- Rights: a licence is often nothing but its address in $u. -->
      <xsl:apply-templates select="key('field', '506')" mode="whole">
        <xsl:with-param name="name" select="'dcterms:accessRights'"/><xsl:with-param name="codes" select="'abcdef'"/>
        <xsl:with-param name="end" select="'none'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '540')" mode="whole">
        <xsl:with-param name="name" select="'dc:rights'"/><xsl:with-param name="codes" select="'abcdf'"/><xsl:with-param name="end" select="'none'"/>
      </xsl:apply-templates>
      <xsl:apply-templates select="key('field', '540')[contains(*[@code = 'u'], '://')]" mode="each">
        <xsl:with-param name="name" select="'dc:rights'"/><xsl:with-param name="codes" select="'u'"/>
        <xsl:with-param name="type" select="'dcterms:URI'"/><xsl:with-param name="end" select="'none'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '542')[not(@ind1 = '0')]" mode="whole">
        <xsl:with-param name="name" select="'dc:rights'"/><xsl:with-param name="codes" select="'fln'"/>
        <xsl:with-param name="marks" select="'f= ;|l= ;|n= ;|'"/><xsl:with-param name="end" select="'none'"/></xsl:apply-templates>

      <!-- Subjects, places, times. -->
      <xsl:apply-templates select="key('field', '600') | key('field', '610') | key('field', '611') | key('field', '630') | key('field', '650')
          | key('field', '656') | key('field', '657')" mode="subject"/>
      <xsl:apply-templates select="key('field', '653')[not(@ind2 = '4' or @ind2 = '5' or @ind2 = '6')]" mode="each"/>
      <xsl:apply-templates select="key('field', '050')" mode="each"><xsl:with-param name="type" select="'dcterms:LCC'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '060')" mode="each"><xsl:with-param name="type" select="'dcterms:NLM'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '080')" mode="each"><xsl:with-param name="type" select="'dcterms:UDC'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '082')/*[@code = 'a']" mode="dewey"/>
      <xsl:apply-templates select="key('field', '651')" mode="subject"><xsl:with-param name="name" select="'dcterms:spatial'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '653')[@ind2 = '5'] | key('field', '522')" mode="each">
        <xsl:with-param name="name" select="'dcterms:spatial'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '033')" mode="each">
        <xsl:with-param name="name" select="'dcterms:spatial'"/><xsl:with-param name="codes" select="'p'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '043')" mode="each">
        <xsl:with-param name="name" select="'dcterms:spatial'"/><xsl:with-param name="codes" select="'c'"/>
        <xsl:with-param name="type" select="'dcterms:ISO3166'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '255')" mode="each">
        <xsl:with-param name="name" select="'dcterms:spatial'"/><xsl:with-param name="codes" select="'c'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '034')" mode="box"/>
      <xsl:apply-templates select="key('field', '648')" mode="subject"><xsl:with-param name="name" select="'dcterms:temporal'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '653')[@ind2 = '4']" mode="each">
        <xsl:with-param name="name" select="'dcterms:temporal'"/></xsl:apply-templates>

      <!-- Series: a traced 490 says what its 8XX says, so it is read only when there is no 8XX. -->
      <xsl:variable name="traced" select="key('field', '800') | key('field', '810') | key('field', '811') | key('field', '830')"/>
      <xsl:apply-templates select="$traced | key('field', '440') | key('field', '490')[not(@ind1 = '1') or not($traced)]" mode="whole">
        <xsl:with-param name="name" select="'dcterms:isPartOf'"/><xsl:with-param name="codes" select="'abcdfklmnopqstv'"/>
        <xsl:with-param name="marks" select="'d=,|n=.|p=.|t=.|v= ;|'"/></xsl:apply-templates>

      <!-- Relations to other works, as the linking entry fields name them. -->
      <xsl:apply-templates select="key('field', '760') | key('field', '772') | key('field', '773')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:isPartOf'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '762') | key('field', '770') | key('field', '774')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:hasPart'"/></xsl:apply-templates>
      <xsl:apply-templates select="(key('field', '700') | key('field', '710') | key('field', '711'))[@ind2 = '2' and *[@code = 't']]
          | (key('field', '730') | key('field', '740'))[@ind2 = '2']" mode="relation">
        <xsl:with-param name="name" select="'dcterms:hasPart'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '765') | key('field', '775')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:isVersionOf'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '767')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:hasVersion'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '776')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:isFormatOf'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '530')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:hasFormat'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '780')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:replaces'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '785')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:isReplacedBy'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '510') | key('field', '581')" mode="relation">
        <xsl:with-param name="name" select="'dcterms:isReferencedBy'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '534') | key('field', '786')" mode="relation">
        <xsl:with-param name="name" select="'dc:source'"/></xsl:apply-templates>
      <xsl:apply-templates select="key('field', '777') | key('field', '787')
          | (key('field', '700') | key('field', '710') | key('field', '711'))[not(@ind2 = '2') and *[@code = 't']]" mode="relation">
        <xsl:with-param name="name" select="'dc:relation'"/></xsl:apply-templates>
    </xsl:variable>

    <dc:record>
      <xsl:for-each select="exsl:node-set($fields)/field[. != '']">
        <xsl:if test="generate-id() = generate-id(key('same', concat(@name, '|', @type, '|', @lang, '|', .)))">
          <xsl:text>&#10;  </xsl:text>
          <xsl:element name="{@name}">
            <xsl:if test="@type"><xsl:attribute name="xsi:type"><xsl:value-of select="@type"/></xsl:attribute></xsl:if>
            <xsl:if test="@lang"><xsl:attribute name="xml:lang"><xsl:value-of select="@lang"/></xsl:attribute></xsl:if>
            <xsl:value-of select="."/>
          </xsl:element>
        </xsl:if>
      </xsl:for-each>
      <xsl:text>&#10;</xsl:text>
    </dc:record>
  </xsl:template>

</xsl:stylesheet>
