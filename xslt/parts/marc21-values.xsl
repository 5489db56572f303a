<?xml version="1.0" encoding="UTF-8"?>
<!--
  How marc21-to-rosetta.xsl makes values: included by it, of no use alone. That file says which MARC field becomes what;
  this one joins subfields, cuts off ISBD punctuation, and reads dates, codes, numbers and coordinates.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:dcterms="http://purl.org/dc/terms/">

  <!-- Abbreviations that keep their full stop at the end of a value; initials such as "J. S." need no entry. -->
  <xsl:variable name="abbreviations" select="' abt. al. arr. aufl. bd. bros. ca. cent. cf. chr. cie. cm. co. col. corp. dept. dr. ed. eds. etc. fasc.
      fl. hrsg. ill. inc. jh. jr. ltd. min. mm. mr. mrs. no. nos. op. pp. prof. pt. pts. rev. sec. ser. sr. st.
      suppl. univ. usw. verl. vol. vols. '"/>

  <!-- Content types, from leader/06 and from 336 ($b code or $a term), that are surely one DCMI type. -->
  <xsl:variable name="leader-types" select="'|a=Text|c=Text|d=Text|e=StillImage|f=StillImage|i=Sound|j=Sound|k=StillImage|p=Collection|r=PhysicalObject|t=Text|'"/>
  <xsl:variable name="content-types" select="concat(
      '|txt=Text|tct=Text|ntm=Text|sti=StillImage|cri=StillImage|tdi=MovingImage|tdm=MovingImage|spw=Sound',
      '|prm=Sound|snd=Sound|cod=Dataset|crd=Dataset|cop=Software|tdf=PhysicalObject|text=Text',
      '|tactile text=Text|notated music=Text|still image=StillImage|cartographic image=StillImage',
      '|two-dimensional moving image=MovingImage|three-dimensional moving image=MovingImage',
      '|spoken word=Sound|performed music=Sound|sounds=Sound|computer dataset=Dataset',
      '|cartographic dataset=Dataset|computer program=Software|three-dimensional form=PhysicalObject|')"/>

  <!-- ============================== One field, one value ============================== -->

  <!-- The chosen subfields of a field, joined to one value. -->
  <xsl:template match="*" mode="whole">
    <xsl:param name="name"/>
    <xsl:param name="codes" select="'a'"/>
    <xsl:param name="marks"/>
    <xsl:param name="end" select="'stop'"/>
    <xsl:variable name="parts" select="*[contains($codes, @code)]"/>
    <xsl:choose>
      <!-- Nothing to join: the usual case, and the cheap one. -->
      <xsl:when test="count($parts) = 1 and not(starts-with($parts, '&lt;&lt;'))">
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="$name"/><xsl:with-param name="end" select="$end"/>
          <xsl:with-param name="text" select="normalize-space(translate($parts, '&#x98;&#x9C;', ''))"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:when test="$parts">
        <xsl:variable name="text">
          <xsl:call-template name="joined">
            <xsl:with-param name="codes" select="$codes"/><xsl:with-param name="marks" select="$marks"/>
          </xsl:call-template>
        </xsl:variable>
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="$name"/><xsl:with-param name="end" select="$end"/>
          <xsl:with-param name="text" select="string($text)"/>
        </xsl:call-template>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- Each of the chosen subfields, a value of its own. -->
  <xsl:template match="*" mode="each">
    <xsl:param name="name" select="'dc:subject'"/>
    <xsl:param name="codes" select="'a'"/>
    <xsl:param name="type"/>
    <xsl:param name="end" select="'stop'"/>
    <xsl:for-each select="*[contains($codes, @code)]">
      <xsl:call-template name="field">
        <xsl:with-param name="name" select="$name"/><xsl:with-param name="type" select="$type"/>
        <xsl:with-param name="text" select="normalize-space()"/><xsl:with-param name="end" select="$end"/>
      </xsl:call-template>
    </xsl:for-each>
  </xsl:template>

  <!-- Linking entries: heading, title, edition or place, related parts; labels ($i) and control numbers ($w) stay behind. -->
  <xsl:template match="*" mode="relation">
    <xsl:param name="name"/>
    <xsl:apply-templates select="." mode="whole">
      <xsl:with-param name="name" select="$name"/><xsl:with-param name="codes" select="'abcdgklmnpst'"/>
      <xsl:with-param name="marks" select="'b=,|c=,|d=.|g=.|n=.|p=.|s=.|t=.|'"/>
    </xsl:apply-templates>
  </xsl:template>

  <!-- General notes, in the cataloguer's order; a review or a warning in 520 is not an abstract. -->
  <xsl:template match="*" mode="note">
    <xsl:variable name="tag" select="substring(concat(substring(*[@code = '6'], 1, 3 * (@tag = '880')), @tag), 1, 3)"/>
    <xsl:if test="contains($notes, $tag) or ($tag = '520' and (@ind1 = '1' or @ind1 = '4'))">
      <xsl:apply-templates select="." mode="whole">
        <xsl:with-param name="name" select="'dc:description'"/><xsl:with-param name="codes" select="'abcdefghijklmnopqrst'"/>
        <xsl:with-param name="end" select="'none'"/>
      </xsl:apply-templates>
    </xsl:if>
  </xsl:template>

  <!-- A name, with what its bearer did in brackets: the relator terms, or else the relator codes. -->
  <xsl:template match="*" mode="name">
    <xsl:param name="name"/>
    <xsl:variable name="kind" select="substring(concat(substring(*[@code = '6'], 1, 3 * (@tag = '880')), @tag), 2, 2)"/>
    <xsl:variable name="heading">
      <xsl:choose>
        <xsl:when test="$kind = '10'">
          <xsl:call-template name="joined">
            <xsl:with-param name="codes" select="'abcdgn'"/><xsl:with-param name="marks" select="'b=.|'"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:when test="$kind = '11'">
          <xsl:call-template name="joined">
            <xsl:with-param name="codes" select="'acdegnq'"/><xsl:with-param name="marks" select="'e=.|'"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:otherwise>
          <xsl:call-template name="joined">
            <xsl:with-param name="codes" select="'abcdjq'"/><xsl:with-param name="marks" select="'c=,|d=,|'"/>
          </xsl:call-template>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="bearer"><xsl:call-template name="trimmed"><xsl:with-param name="text" select="string($heading)"/></xsl:call-template></xsl:variable>
    <xsl:variable name="terms" select="*[($kind = '11' and @code = 'j') or ($kind != '11' and @code = 'e')]"/>
    <xsl:variable name="roles">
      <xsl:for-each select="$terms | *[@code = '4' and not($terms) and (not(contains(., '://')) or contains(., 'relators/'))]">
        <xsl:if test="position() &gt; 1">, </xsl:if>
        <xsl:call-template name="trimmed">
          <xsl:with-param name="text" select="normalize-space(concat(substring-after(., 'relators/'), substring(., 1, 999 * not(contains(., 'relators/')))))"/>
        </xsl:call-template>
      </xsl:for-each>
    </xsl:variable>
    <xsl:if test="$bearer != ''">
      <xsl:call-template name="field">
        <xsl:with-param name="name" select="$name"/><xsl:with-param name="end" select="'none'"/>
        <xsl:with-param name="text" select="concat($bearer, substring(concat(' (', $roles, ')'), 1, 999 * ($roles != '')))"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- A heading and its subdivisions, "Netherlands..History" with hyphens for dots. The type is written only for the
       lists that DCMI has a name for; every other thesaurus is plain text. -->
  <xsl:template match="*" mode="subject">
    <xsl:param name="name" select="'dc:subject'"/>
    <xsl:variable name="heading">
      <xsl:call-template name="joined">
        <xsl:with-param name="codes" select="concat('abcdfgjklmnopqrstu', substring('e', 1, @tag = '611'))"/>
        <xsl:with-param name="marks" select="concat('d=,|n=.|p=.|t=.|', substring('b=.|', 1, 4 * (@tag = '610')))"/>
      </xsl:call-template>
    </xsl:variable>
    <xsl:variable name="text">
      <xsl:call-template name="trimmed"><xsl:with-param name="text" select="string($heading)"/></xsl:call-template>
      <xsl:for-each select="*[contains('vxyz', @code)]">
        <xsl:if test="position() &gt; 1 or $heading != ''">--</xsl:if>
        <xsl:call-template name="trimmed"><xsl:with-param name="text" select="normalize-space()"/></xsl:call-template>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="source" select="string(*[@code = '2'])"/>
    <xsl:variable name="type">
      <xsl:choose>
        <xsl:when test="$name = 'dc:subject'">
          <xsl:value-of select="concat(substring('dcterms:LCSH', 1, 12 * (@ind2 = '0' or (@ind2 = '7' and $source = 'lcsh'))),
              substring('dcterms:MESH', 1, 12 * (@ind2 = '2' or (@ind2 = '7' and $source = 'mesh'))))"/>
        </xsl:when>
        <xsl:when test="$name = 'dcterms:spatial' and $source = 'tgn'">dcterms:TGN</xsl:when>
        <xsl:when test="$name = 'dc:type' and $source = 'dct'
            and contains('|Collection|Dataset|Event|Image|InteractiveResource|MovingImage|PhysicalObject|Service|Software|Sound|StillImage|Text|', concat('|', $text, '|'))">dcterms:DCMIType</xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:call-template name="field">
      <xsl:with-param name="name" select="$name"/><xsl:with-param name="type" select="string($type)"/>
      <xsl:with-param name="text" select="string($text)"/><xsl:with-param name="end" select="'none'"/>
    </xsl:call-template>
  </xsl:template>

  <!-- ============================== Codes and numbers ============================== -->

  <!-- The dates of 008. What is not published (manuscripts, mixed materials, 264 of production) is created, not issued. -->
  <xsl:template name="coded-dates">
    <xsl:variable name="kind" select="substring($coded, 7, 1)"/>
    <xsl:variable name="first" select="substring($coded, 8, 4)"/>
    <xsl:variable name="second" select="substring($coded, 12, 4)"/>
    <xsl:variable name="unpublished" select="contains('dfpt', substring($leader, 7, 1)) or $kind = 'i' or $kind = 'k'
        or (key('field', '264')[@ind2 = '0'] and not(key('field', '260') or key('field', '264')[@ind2 = '1']))"/>
    <xsl:variable name="name" select="concat('dcterms:', substring('created', 1, 7 * $unpublished), substring('issued', 1, 6 * not($unpublished)))"/>
    <xsl:choose>
      <!-- e: the second date is month and day. -->
      <xsl:when test="$kind = 'e' and translate($first, '0123456789', '') = '' and substring($second, 1, 2) &gt; 0 and substring($second, 1, 2) &lt; 13">
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="$name"/><xsl:with-param name="type" select="'dcterms:W3CDTF'"/>
          <xsl:with-param name="text" select="concat($first, '-', substring($second, 1, 2), substring(concat('-', substring($second, 3, 2)), 1, 3 * (substring($second, 3, 2) &gt; 0)))"/>
        </xsl:call-template>
      </xsl:when>
      <!-- Several years, a serial's run, the dates of a collection, or the years between which the date lies. -->
      <xsl:when test="contains('cdikmqu', $kind)">
        <xsl:call-template name="years">
          <xsl:with-param name="name" select="$name"/><xsl:with-param name="from" select="$first"/><xsl:with-param name="to" select="$second"/>
        </xsl:call-template>
      </xsl:when>
      <!-- One year; the second one is of the copyright (t), the original (r) or the recording (p). -->
      <xsl:when test="contains('eprst', $kind)">
        <xsl:call-template name="years"><xsl:with-param name="name" select="$name"/><xsl:with-param name="from" select="$first"/></xsl:call-template>
        <xsl:if test="$kind = 't'">
          <xsl:call-template name="years"><xsl:with-param name="name" select="'dcterms:dateCopyrighted'"/><xsl:with-param name="from" select="$second"/></xsl:call-template>
        </xsl:if>
        <xsl:if test="$kind = 'r' or $kind = 'p'">
          <xsl:call-template name="years"><xsl:with-param name="name" select="'dcterms:created'"/><xsl:with-param name="from" select="$second"/></xsl:call-template>
        </xsl:if>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- One year, or two with a hyphen. "u" is a digit that nobody knows: 195u is 1950-1959; 9999 and uuuu leave the end open.
       Only a whole year is W3CDTF, which has no ranges. -->
  <xsl:template name="years">
    <xsl:param name="name"/>
    <xsl:param name="from"/>
    <xsl:param name="to"/>
    <xsl:variable name="begin" select="translate($from, 'u', '0')"/>
    <xsl:variable name="finish">
      <xsl:choose>
        <xsl:when test="$to = '9999' or $to = 'uuuu'"/>
        <xsl:when test="string-length($to) = 4 and translate($to, '0123456789u', '') = ''"><xsl:value-of select="translate($to, 'u', '9')"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="translate($from, 'u', '9')"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:if test="string-length($from) = 4 and translate($from, '0123456789u', '') = '' and translate($from, '0u', '') != '' and $from != '9999' and not(starts-with($from, 'u'))">
      <xsl:call-template name="field">
        <xsl:with-param name="name" select="$name"/><xsl:with-param name="type" select="substring('dcterms:W3CDTF', 1, 14 * ($begin = $finish))"/>
        <xsl:with-param name="text" select="concat($begin, substring(concat('-', $finish), 1, 5 * ($begin != $finish)))"/>
        <xsl:with-param name="end" select="'none'"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- 041 may name its code list in $2; without one the codes have three letters and may stand together (engfre). -->
  <xsl:template match="*" mode="language">
    <xsl:variable name="text" select="translate(normalize-space(), ' ,/', '')"/>
    <xsl:variable name="list" select="normalize-space(../*[@code = '2'])"/>
    <xsl:choose>
      <xsl:when test="$list = '' and string-length($text) mod 3 = 0">
        <xsl:call-template name="languages"><xsl:with-param name="text" select="$text"/></xsl:call-template>
      </xsl:when>
      <xsl:when test="contains('|iso639-3|rfc1766|rfc3066|rfc4646|rfc5646|', concat('|', $list, '|'))">
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="'dc:language'"/><xsl:with-param name="text" select="$text"/>
          <xsl:with-param name="type" select="concat('dcterms:', translate($list, 'isorfc', 'ISORFC'))"/>
        </xsl:call-template>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- Three letters at a time; the codes that say "none", "many" or "unknown" are not languages. -->
  <xsl:template name="languages">
    <xsl:param name="text"/>
    <xsl:variable name="code" select="substring($text, 1, 3)"/>
    <xsl:if test="string-length($code) = 3">
      <xsl:if test="translate($code, 'abcdefghijklmnopqrstuvwxyz', '') = '' and not(contains('mis mul und xxx zxx', $code))">
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="'dc:language'"/><xsl:with-param name="type" select="'dcterms:ISO639-2'"/>
          <xsl:with-param name="text" select="$code"/>
        </xsl:call-template>
      </xsl:if>
      <xsl:call-template name="languages"><xsl:with-param name="text" select="substring($text, 4)"/></xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- leader/06 alone does not tell film from slide, or program from data: 008 does. leader/07 c is a collection. -->
  <xsl:template name="leader-type">
    <xsl:variable name="code" select="substring($leader, 7, 1)"/>
    <xsl:variable name="visual" select="substring($coded, 34, 1)"/>
    <xsl:variable name="file" select="substring($coded, 27, 1)"/>
    <xsl:call-template name="dcmi-type">
      <xsl:with-param name="text"><xsl:choose>
        <xsl:when test="$code = 'g' and $visual != '' and contains('mv', $visual)">MovingImage</xsl:when>
        <xsl:when test="$code = 'g' and $visual != '' and contains('fst', $visual)">StillImage</xsl:when>
        <xsl:when test="$code = 'm' and $file = 'a'">Dataset</xsl:when>
        <xsl:when test="$code = 'm' and $file = 'b'">Software</xsl:when>
        <xsl:when test="$code = 'm' and $file = 'd'">Text</xsl:when>
        <xsl:when test="$code = 'm' and ($file = 'g' or $file = 'i')">InteractiveResource</xsl:when>
        <xsl:otherwise><xsl:value-of select="substring-before(substring-after($leader-types, concat('|', $code, '=')), '|')"/></xsl:otherwise>
      </xsl:choose></xsl:with-param>
    </xsl:call-template>
    <xsl:if test="substring($leader, 8, 1) = 'c'">
      <xsl:call-template name="dcmi-type"><xsl:with-param name="text" select="'Collection'"/></xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- 336 by code or by English term; a term that is not in the list says nothing certain. -->
  <xsl:template match="*" mode="content-type">
    <xsl:call-template name="dcmi-type">
      <xsl:with-param name="text" select="substring-before(substring-after($content-types, concat('|', normalize-space(), '=')), '|')"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="dcmi-type">
    <xsl:param name="text"/>
    <xsl:call-template name="field">
      <xsl:with-param name="name" select="'dc:type'"/><xsl:with-param name="type" select="'dcterms:DCMIType'"/>
      <xsl:with-param name="text" select="string($text)"/>
    </xsl:call-template>
  </xsl:template>

  <!-- ISBN: the number before the qualifier, without hyphens. -->
  <xsl:template match="*" mode="isbn">
    <xsl:variable name="number" select="translate(substring-before(concat(translate(normalize-space(), '(:;', '   '), ' '), ' '), 'x-', 'X')"/>
    <xsl:variable name="length" select="string-length($number)"/>
    <xsl:if test="($length = 10 or $length = 13) and translate(substring($number, 1, $length - 1), '0123456789', '') = '' and translate(substring($number, $length), '0123456789X', '') = ''">
      <xsl:call-template name="uri"><xsl:with-param name="text" select="concat('urn:ISBN:', $number)"/></xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- ISSN: eight characters, always written with the hyphen. -->
  <xsl:template match="*" mode="issn">
    <xsl:variable name="number" select="translate(substring-before(concat(translate(normalize-space(), '(:;', '   '), ' '), ' '), 'x-', 'X')"/>
    <xsl:if test="string-length($number) = 8 and translate(substring($number, 1, 7), '0123456789', '') = '' and translate(substring($number, 8), '0123456789X', '') = ''">
      <xsl:call-template name="uri"><xsl:with-param name="text" select="concat('urn:ISSN:', substring($number, 1, 4), '-', substring($number, 5))"/></xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- 024 with a named source: DOI and handle become addresses, URN and URI are ones. -->
  <xsl:template match="*" mode="other-number">
    <xsl:variable name="text" select="normalize-space()"/>
    <xsl:variable name="source" select="normalize-space(../*[@code = '2'])"/>
    <xsl:choose>
      <xsl:when test="$source = 'doi' and contains($text, '10.')">
        <xsl:call-template name="uri"><xsl:with-param name="text" select="concat('https://doi.org/10.', substring-after($text, '10.'))"/></xsl:call-template>
      </xsl:when>
      <xsl:when test="$source = 'hdl' and not(contains($text, '://'))">
        <xsl:call-template name="uri"><xsl:with-param name="text" select="concat('https://hdl.handle.net/', substring-after(concat(substring('hdl:', 1, 4 * not(starts-with($text, 'hdl:'))), $text), 'hdl:'))"/></xsl:call-template>
      </xsl:when>
      <xsl:when test="$source = 'hdl' or $source = 'urn' or $source = 'uri'">
        <xsl:call-template name="uri"><xsl:with-param name="text" select="$text"/></xsl:call-template>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- 856: the resource (0) or a version of it (1) is its identifier, anything else is related; 8 is not for display. -->
  <xsl:template match="*" mode="link">
    <xsl:if test="not(../@ind2 = '8')">
      <xsl:call-template name="uri">
        <xsl:with-param name="text" select="normalize-space()"/>
        <xsl:with-param name="name" select="concat('dc:', substring('identifier', 1, 10 * (../@ind2 = '0' or ../@ind2 = '1')), substring('relation', 1, 8 * not(../@ind2 = '0' or ../@ind2 = '1')))"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- An address. Rosetta's own delivery links say where the IE lies, so they are not described; what has no scheme or
       holds a space is kept as plain text. -->
  <xsl:template name="uri">
    <xsl:param name="text"/>
    <xsl:param name="name" select="'dc:identifier'"/>
    <xsl:if test="not(contains($text, 'dps_pid=IE'))">
      <xsl:call-template name="field">
        <xsl:with-param name="name" select="$name"/><xsl:with-param name="text" select="$text"/><xsl:with-param name="end" select="'none'"/>
        <xsl:with-param name="type" select="substring('dcterms:URI', 1, 11 * (contains($text, ':') and not(contains($text, ' '))))"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- Dewey numbers without the marks that show where they may be cut. -->
  <xsl:template match="*" mode="dewey">
    <xsl:call-template name="field">
      <xsl:with-param name="name" select="'dc:subject'"/><xsl:with-param name="type" select="'dcterms:DDC'"/>
      <xsl:with-param name="text" select="translate(normalize-space(), &quot;/'&quot;, '')"/>
    </xsl:call-template>
  </xsl:template>

  <!-- 034: a DCMI Box, or a Point when it has no width and no height; nothing when one side cannot be read. -->
  <xsl:template match="*" mode="box">
    <xsl:variable name="west"><xsl:apply-templates select="*[@code = 'd'][1]" mode="degrees"/></xsl:variable>
    <xsl:variable name="east"><xsl:apply-templates select="*[@code = 'e'][1]" mode="degrees"/></xsl:variable>
    <xsl:variable name="north"><xsl:apply-templates select="*[@code = 'f'][1]" mode="degrees"/></xsl:variable>
    <xsl:variable name="south"><xsl:apply-templates select="*[@code = 'g'][1]" mode="degrees"/></xsl:variable>
    <xsl:choose>
      <xsl:when test="$west = '' or $east = '' or $north = '' or $south = ''"/>
      <xsl:when test="$west = $east and $north = $south">
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="'dcterms:spatial'"/><xsl:with-param name="type" select="'dcterms:Point'"/>
          <xsl:with-param name="text" select="concat('east=', $east, '; north=', $north)"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="field">
          <xsl:with-param name="name" select="'dcterms:spatial'"/><xsl:with-param name="type" select="'dcterms:Box'"/>
          <xsl:with-param name="text" select="concat('northlimit=', $north, '; southlimit=', $south, '; westlimit=', $west, '; eastlimit=', $east)"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- W0123045 (degrees, minutes, seconds) or a decimal such as +012.5125 or W012.5125, as decimal degrees. -->
  <xsl:template match="*" mode="degrees">
    <xsl:variable name="text" select="normalize-space()"/>
    <xsl:variable name="number" select="translate($text, 'NSEW+-', '')"/>
    <xsl:variable name="sign" select="1 - 2 * (translate(substring($text, 1, 1), 'SW', '--') = '-')"/>
    <xsl:choose>
      <xsl:when test="string-length($number) = 7 and translate($number, '0123456789', '') = ''">
        <xsl:value-of select="format-number($sign * (substring($number, 1, 3) + substring($number, 4, 2) div 60 + substring($number, 6) div 3600), '0.######')"/>
      </xsl:when>
      <xsl:when test="$number != '' and string-length(substring-before(concat($number, '.'), '.')) &lt;= 3 and translate($number, '0123456789', '') = substring('.', 1, contains($number, '.'))">
        <xsl:value-of select="format-number($sign * $number, '0.######')"/>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- ============================== Text ============================== -->

  <!-- One field of the new record. It may end up empty after trimming: the last pass leaves empty ones out. -->
  <xsl:template name="field">
    <xsl:param name="name"/>
    <xsl:param name="type"/>
    <xsl:param name="text"/>
    <xsl:param name="end" select="'stop'"/>
    <xsl:if test="$text != ''">
      <field name="{$name}">
        <xsl:if test="$type != ''"><xsl:attribute name="type"><xsl:value-of select="$type"/></xsl:attribute></xsl:if>
        <xsl:if test="@tag = '880' or ../@tag = '880'"><xsl:call-template name="script"/></xsl:if>
        <xsl:choose>
          <xsl:when test="$end = 'none'"><xsl:value-of select="$text"/></xsl:when>
          <xsl:otherwise>
            <xsl:call-template name="trimmed"><xsl:with-param name="text" select="$text"/><xsl:with-param name="end" select="$end"/></xsl:call-template>
          </xsl:otherwise>
        </xsl:choose>
      </field>
    </xsl:if>
  </xsl:template>

  <!-- An 880 tells its script in $6 after a slash, by the code of MARC-8 or of ISO 15924: (2 or Hebr. $1 says only that
       it is Chinese, Japanese or Korean, so nothing is written for it. -->
  <xsl:template name="script">
    <xsl:variable name="link" select="(. | ..)[@tag = '880']/*[@code = '6']"/>
    <xsl:variable name="code" select="substring-before(concat(substring-after($link, '/'), '/'), '/')"/>
    <xsl:variable name="script" select="substring-before(substring-after('|(2=Hebr|(3=Arab|(4=Arab|(S=Grek|(N=Cyrl|(Q=Cyrl|(B=Latn|', concat('|', $code, '=')), '|')"/>
    <xsl:choose>
      <xsl:when test="$script != ''"><xsl:attribute name="lang"><xsl:value-of select="concat('und-', $script)"/></xsl:attribute></xsl:when>
      <xsl:when test="string-length($code) = 4 and translate($code, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', '') = ''">
        <xsl:attribute name="lang"><xsl:value-of select="concat('und-', $code)"/></xsl:attribute>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- Joins subfields with a space, and with a mark where the cataloguer (or a subfield left out, such as $h) left none. -->
  <xsl:template name="joined">
    <xsl:param name="codes"/>
    <xsl:param name="marks"/>
    <xsl:for-each select="*[contains($codes, @code)]">
      <xsl:variable name="text" select="normalize-space(translate(., '&#x98;&#x9C;', ''))"/>
      <xsl:if test="$text != ''">
        <xsl:if test="position() &gt; 1">
          <xsl:if test="contains($marks, concat(@code, '=')) and not(starts-with($text, '('))">
            <xsl:variable name="last" select="normalize-space(preceding-sibling::*[contains($codes, @code)][1])"/>
            <xsl:if test="translate(substring($last, string-length($last)), '.,:;=/+', '') != ''">
              <xsl:variable name="skipped" select="normalize-space(preceding-sibling::*[1])"/>
              <xsl:choose>
                <xsl:when test="substring($skipped, string-length($skipped)) = '='"> =</xsl:when>
                <xsl:otherwise><xsl:value-of select="substring-before(substring-after(concat('|', $marks), concat('|', @code, '=')), '|')"/></xsl:otherwise>
              </xsl:choose>
            </xsl:if>
          </xsl:if>
          <xsl:text> </xsl:text>
        </xsl:if>
        <xsl:choose>
          <!-- <<Der>> Sturm: the brackets only hide the article from the filing. -->
          <xsl:when test="starts-with($text, '&lt;&lt;') and contains($text, '&gt;&gt;')">
            <xsl:value-of select="concat(substring-before(substring($text, 3), '&gt;&gt;'), substring-after($text, '&gt;&gt;'))"/>
          </xsl:when>
          <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
        </xsl:choose>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>

  <!-- Cuts off what ISBD puts before the next element, a bracket without its partner, and the full stop of a heading. -->
  <xsl:template name="trimmed">
    <xsl:param name="text"/>
    <xsl:param name="end" select="'stop'"/>
    <xsl:variable name="length" select="string-length($text)"/>
    <xsl:variable name="last" select="substring($text, $length)"/>
    <xsl:choose>
      <!-- Nothing to cut: the usual case, and the cheap one. -->
      <xsl:when test="translate($last, '/:;,=+.]', '') != '' and not(contains($text, '['))"><xsl:value-of select="$text"/></xsl:when>
      <xsl:when test="translate($text, ' /:;,=.[]', '') = ''"/>
      <xsl:when test="contains(':;,', $last) or ($length &gt; 1 and contains('/=+', $last) and substring($text, $length - 1, 1) = ' ')">
        <xsl:call-template name="trimmed">
          <xsl:with-param name="text" select="normalize-space(substring($text, 1, $length - 1))"/><xsl:with-param name="end" select="$end"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:when test="contains($text, '[') != contains($text, ']')">
        <xsl:call-template name="trimmed">
          <xsl:with-param name="text" select="normalize-space(translate($text, '[]', ''))"/><xsl:with-param name="end" select="$end"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:when test="$last = '.' and $end = 'stop' and substring($text, $length - 1, 1) != '.'">
        <xsl:variable name="word"><xsl:call-template name="last-word"><xsl:with-param name="text" select="translate(substring($text, $length - 7), '-(', '  ')"/></xsl:call-template></xsl:variable>
        <xsl:variable name="bare" select="substring-before($word, '.')"/>
        <xsl:choose>
          <!-- An initial, letters between stops (U.S.A.), or an abbreviation. -->
          <xsl:when test="(string-length($bare) = 1 and translate($bare, '0123456789)', '') != '') or string-length($bare) + 1 &lt; string-length($word)
              or contains($abbreviations, concat(' ', translate($word, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'), ' '))">
            <xsl:value-of select="$text"/>
          </xsl:when>
          <xsl:otherwise><xsl:value-of select="substring($text, 1, $length - 1)"/></xsl:otherwise>
        </xsl:choose>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- At most eight characters are looked at: no abbreviation is longer. -->
  <xsl:template name="last-word">
    <xsl:param name="text"/>
    <xsl:choose>
      <xsl:when test="contains($text, ' ')">
        <xsl:call-template name="last-word"><xsl:with-param name="text" select="substring-after($text, ' ')"/></xsl:call-template>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
