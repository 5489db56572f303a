<?xml version="1.0" encoding="UTF-8"?>
<!--
  Rosetta's dc:record → a MARC 21 record for a new bib, for `cartouche link`.

  After the Library of Congress's crosswalk from simple Dublin Core: names without a form go into 720, subjects into 653. What a
  bib must have is made here (leader, 008, 245); our own 035 is put in by the program.

  Parameters: entered (yymmdd, the day of Rosetta's record), oai-identifier, ie-pid, and those of the profile: language (a code of
  MARC, where the record has none), cataloging-source (what 040 says).
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
                exclude-result-prefixes="dc dcterms">
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:param name="entered"/>
  <xsl:param name="oai-identifier"/>
  <xsl:param name="ie-pid"/>
  <xsl:param name="language" select="'und'"/>
  <xsl:param name="cataloging-source"/>

  <xsl:variable name="letters" select="'abcdefghijklmnopqrstuvwxyz'"/>
  <xsl:variable name="capitals" select="'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"/>

  <xsl:template match="/*">
    <record>
      <leader>
        <xsl:text>00000n</xsl:text>
        <xsl:call-template name="type-of-record"/>
        <xsl:text>m a2200000 u 4500</xsl:text>
      </leader>
      <controlfield tag="008"><xsl:call-template name="fixed-field"/></controlfield>
      <xsl:apply-templates select="dc:identifier | dcterms:identifier" mode="number"/>
      <xsl:if test="$cataloging-source != ''">
        <datafield tag="040" ind1=" " ind2=" ">
          <subfield code="a"><xsl:value-of select="$cataloging-source"/></subfield>
          <subfield code="c"><xsl:value-of select="$cataloging-source"/></subfield>
        </datafield>
      </xsl:if>
      <xsl:for-each select="(dc:title | dcterms:title)[normalize-space()]">
        <xsl:choose>
          <xsl:when test="position() = 1">
            <datafield tag="245" ind1="0" ind2="0"><xsl:call-template name="a"/></datafield>
          </xsl:when>
          <xsl:otherwise>
            <datafield tag="246" ind1="3" ind2=" "><xsl:call-template name="a"/></datafield>
          </xsl:otherwise>
        </xsl:choose>
      </xsl:for-each>
      <xsl:for-each select="dcterms:alternative[normalize-space()]">
        <datafield tag="246" ind1="3" ind2=" "><xsl:call-template name="a"/></datafield>
      </xsl:for-each>
      <xsl:call-template name="published"/>
      <xsl:for-each select="(dcterms:extent | dc:format)[normalize-space()]">
        <datafield tag="300" ind1=" " ind2=" "><xsl:call-template name="a"/></datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:coverage | dcterms:temporal | dcterms:spatial)[normalize-space()]">
        <datafield tag="500" ind1=" " ind2=" "><xsl:call-template name="a"/></datafield>
      </xsl:for-each>
      <xsl:for-each select="dcterms:accessRights[normalize-space()]">
        <datafield tag="506" ind1=" " ind2=" "><xsl:call-template name="a"/></datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:description | dcterms:description | dcterms:abstract)[normalize-space()]">
        <datafield tag="520" ind1=" " ind2=" "><xsl:call-template name="a"/></datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:rights | dcterms:rights | dcterms:license)[normalize-space()]">
        <datafield tag="540" ind1=" " ind2=" "><xsl:call-template name="a"/></datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:language | dcterms:language)[normalize-space()]">
        <datafield tag="546" ind1=" " ind2=" "><xsl:call-template name="a"/></datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:subject | dcterms:subject)[normalize-space()]">
        <datafield tag="653" ind1=" " ind2=" "><xsl:call-template name="a"/></datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:type | dcterms:type)[normalize-space()]">
        <datafield tag="655" ind1=" " ind2="7">
          <xsl:call-template name="a"/>
          <subfield code="2">local</subfield>
        </datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:creator | dcterms:creator)[normalize-space()]">
        <datafield tag="720" ind1=" " ind2=" ">
          <xsl:call-template name="a"/>
          <subfield code="e">creator</subfield>
        </datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:contributor | dcterms:contributor)[normalize-space()]">
        <datafield tag="720" ind1=" " ind2=" ">
          <xsl:call-template name="a"/>
          <subfield code="e">contributor</subfield>
        </datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:source | dcterms:source)[normalize-space()]">
        <datafield tag="786" ind1="0" ind2=" "><subfield code="n"><xsl:value-of select="normalize-space()"/></subfield></datafield>
      </xsl:for-each>
      <xsl:for-each select="(dc:relation | dcterms:relation | dcterms:isPartOf)[normalize-space()]">
        <datafield tag="787" ind1="0" ind2=" "><subfield code="n"><xsl:value-of select="normalize-space()"/></subfield></datafield>
      </xsl:for-each>
    </record>
  </xsl:template>

  <xsl:template name="a">
    <subfield code="a"><xsl:value-of select="normalize-space()"/></subfield>
  </xsl:template>

  <!-- Without what kind of number it is. The IE's own OAI identifier is no number of another system. -->
  <xsl:template match="*" mode="number">
    <xsl:if test="normalize-space() and normalize-space() != $oai-identifier">
      <datafield tag="024" ind1="8" ind2=" "><xsl:call-template name="a"/></datafield>
    </xsl:if>
  </xsl:template>

  <xsl:template name="published">
    <xsl:variable name="publishers" select="(dc:publisher | dcterms:publisher)[normalize-space()]"/>
    <xsl:variable name="dates" select="(dc:date | dcterms:issued | dcterms:created | dcterms:date)[normalize-space()]"/>
    <xsl:if test="$publishers or $dates">
      <datafield tag="264" ind1=" " ind2="1">
        <xsl:for-each select="$publishers">
          <subfield code="b"><xsl:value-of select="normalize-space()"/></subfield>
        </xsl:for-each>
        <xsl:if test="$dates">
          <subfield code="c"><xsl:value-of select="normalize-space($dates[1])"/></subfield>
        </xsl:if>
      </datafield>
    </xsl:if>
  </xsl:template>

  <!-- Leader/06 from the first dc:type that DCMI or RDA has a word for. -->
  <xsl:template name="type-of-record">
    <xsl:variable name="types">
      <xsl:for-each select="dc:type | dcterms:type">
        <xsl:value-of select="concat(' ', translate(normalize-space(), $capitals, $letters))"/>
      </xsl:for-each>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="contains($types, 'movingimage') or contains($types, 'moving image') or contains($types, 'video')">g</xsl:when>
      <xsl:when test="contains($types, 'cartographic') or contains($types, 'map')">e</xsl:when>
      <xsl:when test="contains($types, 'notated music')">c</xsl:when>
      <xsl:when test="contains($types, 'image')">k</xsl:when>
      <xsl:when test="contains($types, 'sound') or contains($types, 'audio')">i</xsl:when>
      <xsl:when test="contains($types, 'software') or contains($types, 'dataset')">m</xsl:when>
      <xsl:when test="contains($types, 'physicalobject') or contains($types, 'physical object')">r</xsl:when>
      <xsl:otherwise>a</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="fixed-field">
    <xsl:variable name="year">
      <xsl:call-template name="first-year">
        <xsl:with-param name="text" select="(dc:date | dcterms:issued | dcterms:created | dcterms:date)[normalize-space()][1]"/>
      </xsl:call-template>
    </xsl:variable>
    <xsl:variable name="told" select="translate(normalize-space((dc:language | dcterms:language)[1]), $capitals, $letters)"/>
    <xsl:value-of select="$entered"/>
    <xsl:choose>
      <xsl:when test="$year != ''"><xsl:value-of select="concat('s', $year)"/></xsl:when>
      <xsl:otherwise>nuuuu</xsl:otherwise>
    </xsl:choose>
    <xsl:text>    xx |||||||||||||||||</xsl:text>
    <xsl:choose>
      <xsl:when test="string-length($told) = 3 and translate($told, $letters, '') = ''"><xsl:value-of select="$told"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="$language"/></xsl:otherwise>
    </xsl:choose>
    <xsl:text> d</xsl:text>
  </xsl:template>

  <!-- The first four digits that follow each other, and no fifth. -->
  <xsl:template name="first-year">
    <xsl:param name="text"/>
    <xsl:variable name="shape" select="translate($text, '0123456789', '0000000000')"/>
    <xsl:if test="contains($shape, '0000')">
      <xsl:variable name="at" select="string-length(substring-before($shape, '0000'))"/>
      <xsl:choose>
        <xsl:when test="substring($shape, $at + 5, 1) = '0'"/>
        <xsl:otherwise><xsl:value-of select="substring($text, $at + 1, 4)"/></xsl:otherwise>
      </xsl:choose>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
